import { Global, Module } from '@nestjs/common';
import { Clock } from '#kernel';
import { AuditModule } from '#platform/audit';
import { AuthConfig, EnvironmentConfig } from '#platform/config';
import { EgressModule } from '#platform/egress';
import { AccessGuard } from './access.guard.ts';
import { AccessMetrics } from './access-metrics.ts';
import { AuthenticationGuard } from './authentication.guard.ts';
import { Authenticator } from './authenticator.ts';
import { Authorization } from './authorization.ts';
import { AuthorizationRepository } from './authorization.repository.ts';
import { Demands } from './demands.ts';
import { GrantChanges } from './grant-changes.ts';
import { GrantChangesRepository } from './grant-changes.repository.ts';
import { GrantSnapshots } from './grant-snapshots.ts';
import { IdentityProviders } from './identity-providers.ts';
import { Refusals } from './refusals.ts';
import { RequestRates } from './request-rates.ts';
import { Revocations } from './revocations.ts';
import { RevocationsRepository } from './revocations.repository.ts';
import { StartedRowsRepository } from './started-rows.repository.ts';
import { StepUpGuard } from './step-up.guard.ts';
import { StepUp } from './step-up.ts';
import { TenantGate } from './tenant-gate.ts';
import { LocalIssuer } from './token/local-issuer.ts';
import { TokenVerifier } from './token/token-verifier.ts';

/** Every guard of a door, in the order of ARCHITECTURE 5; apps/api registers them for all routes. */
export const DOOR_GUARDS = [AuthenticationGuard, AccessGuard, StepUpGuard] as const;

/** Identity and authorization for HTTP and sockets. */
@Global()
@Module({
  imports: [AuditModule, EgressModule],
  providers: [
    ...DOOR_GUARDS,
    AccessMetrics,
    Authenticator,
    Authorization,
    AuthorizationRepository,
    Demands,
    GrantChanges,
    GrantChangesRepository,
    GrantSnapshots,
    IdentityProviders,
    Refusals,
    RequestRates,
    Revocations,
    RevocationsRepository,
    StartedRowsRepository,
    StepUp,
    TenantGate,
    {
      provide: LocalIssuer,
      inject: [AuthConfig, EnvironmentConfig, Clock],
      useFactory: (config: AuthConfig, environment: EnvironmentConfig, clock: Clock) =>
        config.provider === 'local' ? new LocalIssuer(environment, clock) : null,
    },
    {
      provide: TokenVerifier,
      inject: [IdentityProviders, LocalIssuer, Clock],
      useFactory: ({ entries }: IdentityProviders, local: LocalIssuer | null, clock: Clock) =>
        new TokenVerifier(local ? [...entries, local] : entries, clock),
    },
  ],
  exports: [
    ...DOOR_GUARDS,
    Authenticator,
    Authorization,
    AuthorizationRepository,
    GrantSnapshots,
    IdentityProviders,
    LocalIssuer,
    Refusals,
    StepUp,
    TokenVerifier,
  ],
})
export class AuthModule {}
