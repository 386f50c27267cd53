import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { IdentityModule } from '#areas/identity';
import { TenancyModule } from '#areas/tenancy';
import type { Clock } from '#kernel';
import { AccessGuard, AuthModule } from '#platform/auth';
import { ConfigModule } from '#platform/config';
import { DatabaseModule, type DatabaseServer } from '#platform/database';
import { HealthModule } from '#platform/health';
import { HttpModule, ProblemFilter, RequestStageInterceptor, RequestValidationPipe } from '#platform/http';
import { RatesModule } from '#platform/rates';
import { TelemetryModule } from '#platform/telemetry';

/** One line per area. */
const AREAS: NonNullable<DynamicModule['imports']> = [
  TenancyModule,
  IdentityModule,
];

export interface ApiOptions {
  env: NodeJS.ProcessEnv;
  server: DatabaseServer;
  clock?: Clock;
}

/** The gateway: the only place with a global guard, interceptor, pipe and filter. */
@Module({})
export class AppModule {
  static forRoot({ env, server, clock }: ApiOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(env, clock), TelemetryModule.forRoot(env), DatabaseModule.forRoot(server, []),
        RatesModule, HttpModule, AuthModule, HealthModule, ...AREAS,
      ],
      providers: [
        { provide: APP_GUARD, useExisting: AccessGuard },
        { provide: APP_INTERCEPTOR, useExisting: RequestStageInterceptor },
        { provide: APP_PIPE, useExisting: RequestValidationPipe },
        { provide: APP_FILTER, useExisting: ProblemFilter },
      ],
    };
  }
}
