import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from '#platform/config';
import { DatabaseModule, type DatabaseServer } from '#platform/database';
import { TelemetryModule } from '#platform/telemetry';
import { AREAS, CAPABILITIES } from '../areas.ts';

/** The same areas as the gateway, without a listener: their job processors, schedules and leader tasks run here. */
@Module({})
export class WorkerModule {
  static forRoot({ env, server }: { env: NodeJS.ProcessEnv; server: DatabaseServer }): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ConfigModule.forRoot(env),
        TelemetryModule.forRoot(env),
        DatabaseModule.forRoot(server),
        ...CAPABILITIES,
        ...AREAS,
      ],
    };
  }
}
