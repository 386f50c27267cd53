import { type DynamicModule, Global, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { EnvironmentConfig, TelemetryConfig } from '#platform/config';
import { loggerParams } from './log-options.ts';

/** Logs for every process; spans and metrics where an endpoint is set (see start-tracing.ts). */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot(): DynamicModule {
    return {
      module: TelemetryModule,
      imports: [LoggerModule.forRootAsync({ inject: [TelemetryConfig, EnvironmentConfig], useFactory: loggerParams })],
    };
  }
}
