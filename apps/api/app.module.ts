import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AuditRoutesModule } from '#areas/audit';
import { IdentityModule } from '#areas/identity';
import { StrategiesModule } from '#areas/strategies';
import { TenancyModule } from '#areas/tenancy';
import type { Clock } from '#kernel';
import { AuditModule } from '#platform/audit';
import { AccessGuard, AuthModule } from '#platform/auth';
import { ConfigModule } from '#platform/config';
import { DatabaseModule, type DatabaseServer } from '#platform/database';
import { HealthModule } from '#platform/health';
import { HttpModule, ProblemFilter, RequestStageInterceptor, RequestValidationPipe } from '#platform/http';
import { JobsModule } from '#platform/jobs';
import { ProgressModule } from '#platform/progress';
import { RatesModule } from '#platform/rates';
import { StorageModule } from '#platform/storage';
import { TelemetryModule } from '#platform/telemetry';
import { ThreadsModule } from '#platform/threads';

/** One line per area; the worker has the same. */
export const AREAS: NonNullable<DynamicModule['imports']> = [
  TenancyModule,
  IdentityModule,
  StrategiesModule,
  AuditRoutesModule,
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
        RatesModule, HttpModule, AuthModule, HealthModule, AuditModule, ThreadsModule, ProgressModule, JobsModule, StorageModule, ...AREAS,
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
