import { Global, Module } from '@nestjs/common';
import { Clock } from '#kernel';
import { AuditModule } from '#platform/audit';
import { AuthConfig, EnvironmentConfig } from '#platform/config';
import { AccessGuard } from './access.guard.ts';
import { AccessMetrics } from './access-metrics.ts';
import { Authenticator } from './authenticator.ts';
import { Authorization } from './authorization.ts';
import { AuthorizationRepository } from './authorization.repository.ts';
import { GrantSnapshots } from './grant-snapshots.ts';
import { Refusals } from './refusals.ts';
import { RequestRates } from './request-rates.ts';
import { Revocations } from './revocations.ts';
import { RevocationsRepository } from './revocations.repository.ts';
import { StartedRowsRepository } from './started-rows.repository.ts';
import { TenantGate } from './tenant-gate.ts';
import { LocalIssuer } from './token/local-issuer.ts';
import { TokenVerifier } from './token/token-verifier.ts';

/** Identity and authorization for HTTP and sockets. The guard is registered by apps/api. */
@Global()
@Module({
  imports: [AuditModule],
  providers: [
    AccessGuard,
    AccessMetrics,
    Authenticator,
    Authorization,
    AuthorizationRepository,
    GrantSnapshots,
    Refusals,
    RequestRates,
    Revocations,
    RevocationsRepository,
    StartedRowsRepository,
    TenantGate,
    {
      provide: LocalIssuer,
      inject: [AuthConfig, EnvironmentConfig, Clock],
      useFactory: (config: AuthConfig, environment: EnvironmentConfig, clock: Clock) =>
        config.provider === 'local' ? new LocalIssuer(environment, clock) : null,
    },
    {
      provide: TokenVerifier,
      inject: [LocalIssuer, Clock],
      useFactory: (local: LocalIssuer | null, clock: Clock) => new TokenVerifier(local ? [local] : [], clock),
    },
  ],
  exports: [
    AccessGuard,
    Authenticator,
    Authorization,
    AuthorizationRepository,
    GrantSnapshots,
    LocalIssuer,
    Refusals,
    TokenVerifier,
  ],
})
export class AuthModule {}
