export { REDACTED, showingPrefixes } from './markers.ts';
export { type RedactedPayload, redactPayload } from './redact-payload.ts';
export { redactText } from './redact-text.ts';
export { type Json, redact } from './redact.ts';
export { RegisteredSecrets, SecretMaskingStream, resolvedSecrets } from './registered-secrets.ts';
