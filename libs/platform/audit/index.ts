export { AuditCoreModule } from './audit-core.module.ts';
export { AuditModule } from './audit.module.ts';
export { type ChainId, chainOf, orgOf, parseChain } from './chain.ts';
export {
  type Json,
  REDACTED,
  RegisteredSecrets,
  type RedactedPayload,
  SecretMaskingStream,
  redact,
  redactPayload,
  redactText,
  resolvedSecrets,
  showingPrefixes,
} from './redaction/index.ts';
export { type Refusal, SecurityLog } from './security-log.ts';
export { CheckpointKeys } from './sealing/checkpoint-keys.ts';
export { Sealer } from './sealing/sealer.ts';
export { ChainVerifier } from './verification/chain-verifier.ts';
export type { BadReason, Verification } from './verification/verify-chain.ts';
export type { KeyClaim, TerminalStatus, WorkloadIntent, WorkloadOutcome, WorkloadRun } from './workload-run.ts';
export { WorkloadRuntime, failureOf } from './workload-runtime.ts';
