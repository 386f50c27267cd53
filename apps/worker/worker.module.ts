import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from '#platform/auth';
import { ConfigModule } from '#platform/config';
import { DatabaseModule, type DatabaseServer } from '#platform/database';
import { HealthModule } from '#platform/health';
import { HttpModule } from '#platform/http';
import { RatesModule } from '#platform/rates';
import { TelemetryModule } from '#platform/telemetry';
import { AREAS } from '../api/app.module.ts';

/** The same areas as the gateway, without a listener: their job processors, schedules and leader tasks run here. */
@Module({})
export class WorkerModule {
  static forRoot({ env, server }: { env: NodeJS.ProcessEnv; server: DatabaseServer }): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ConfigModule.forRoot(env), TelemetryModule.forRoot(env), DatabaseModule.forRoot(server, []), RatesModule, HttpModule, AuthModule, HealthModule, ...AREAS,
      ],
    };
  }
}
