export { AuthModule, DOOR_GUARDS } from './auth.module.ts';
export { Authenticator, type AuthenticatedRequest } from './authenticator.ts';
export { Authorization, type LocatedResource } from './authorization.ts';
export {
  AuthorizationRepository,
  type AccessibleScope,
  type IdentityRow,
  type OrganizationEntry,
} from './authorization.repository.ts';
export { refuseCredentialInQuery } from './credential.ts';
export { type Access, staffRole } from './decide.ts';
export {
  AuthenticatedOnly,
  Public,
  Requires,
  doorOf,
  type BodyDemands,
  type Door,
  type RequiresOptions,
} from './door.ts';
export { declaredRoutes, doorFaults, permissionsDocument, type DeclaredRoute } from './doors.ts';
export { GrantSnapshots } from './grant-snapshots.ts';
export { IdentityProviders } from './identity-providers.ts';
export type { GuardedRequest } from './guarded-request.ts';
export { PERMISSION_NAMES, type Permission } from './permissions.ts';
export { Refusals } from './refusals.ts';
export { rateKeyOf } from './request-rates.ts';
export { resource, type ResourceKind } from './resource.ts';
export { RevocationsRepository } from './revocations.repository.ts';
export { subjectKey, tenantKey, tokenKey } from './revocations.ts';
export { ROLES, atLeast, type Role } from './roles.ts';
export { SCOPE_NAMES } from './scopes.ts';
export { stepUpFaults, type StepUpLedger } from './step-up-ledger.ts';
export { StepUp } from './step-up.ts';
export { LOCAL_AUDIENCE, LOCAL_ISSUER, LocalIssuer, type LocalTokenRequest } from './token/local-issuer.ts';
export { TokenVerifier } from './token/token-verifier.ts';
