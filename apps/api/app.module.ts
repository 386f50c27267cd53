import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Clock } from '#kernel';
import { DOOR_GUARDS } from '#platform/auth';
import { ConfigModule } from '#platform/config';
import { DatabaseModule, type DatabaseServer } from '#platform/database';
import { ProblemFilter, RequestStageGuard, RequestValidationPipe } from '#platform/http';
import { TelemetryModule } from '#platform/telemetry';
import { AREAS, CAPABILITIES } from '../areas.ts';

export interface ApiOptions {
  env: NodeJS.ProcessEnv;
  server: DatabaseServer;
  clock?: Clock;
}

/** The gateway: the only place with global guards, pipe and filter. */
@Module({})
export class AppModule {
  static forRoot({ env, server, clock }: ApiOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(env, clock),
        TelemetryModule.forRoot(env),
        DatabaseModule.forRoot(server),
        ...CAPABILITIES,
        ...AREAS,
      ],
      providers: [
        ...DOOR_GUARDS.map((guard) => ({ provide: APP_GUARD, useExisting: guard })),
        { provide: APP_GUARD, useExisting: RequestStageGuard },
        { provide: APP_PIPE, useExisting: RequestValidationPipe },
        { provide: APP_FILTER, useExisting: ProblemFilter },
      ],
    };
  }
}
