export { CREDENTIAL_KINDS, type CredentialKey, type CredentialKind, type NewCredential } from './credential.ts';
export { CredentialResolver, type ResolvedCredential } from './credential-resolver.ts';
export { CredentialVault } from './credential-vault.ts';
export { CredentialCheck, type CheckedCredential } from './credential-check.ts';
export { CredentialsModule } from './credentials.module.ts';
export { KekRotation, type KekRotationResult } from './kek-rotation.ts';
