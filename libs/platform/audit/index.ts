export { AuditModule } from './audit.module.ts';
export { type Json, REDACTED, RegisteredSecrets, type RedactedPayload, SecretMaskingStream, redact, redactPayload, redactText } from './redaction/index.ts';
export { Sealer } from './sealing/sealer.ts';
export type { TerminalStatus, WorkloadIntent, WorkloadOutcome, WorkloadRun } from './workload-run.ts';
export { WorkloadRuntime, failureOf } from './workload-runtime.ts';
