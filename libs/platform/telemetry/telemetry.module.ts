import { type DynamicModule, Global, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { EnvironmentConfig, TelemetryConfig, loadTopic } from '#platform/config';
import { loggerParams } from './log-options.ts';

/**
 * Logs for every process; metrics of the host through nestjs-otel where an endpoint is set, which is not even loaded
 * otherwise.
 */
@Global()
@Module({})
export class TelemetryModule {
  static async forRoot(env: NodeJS.ProcessEnv): Promise<DynamicModule> {
    const logger = LoggerModule.forRootAsync({
      inject: [TelemetryConfig, EnvironmentConfig],
      useFactory: loggerParams,
    });
    if (loadTopic(TelemetryConfig, env).endpoint === undefined) return { module: TelemetryModule, imports: [logger] };
    const { OpenTelemetryModule } = await import('nestjs-otel');
    return {
      module: TelemetryModule,
      imports: [logger, OpenTelemetryModule.forRoot({ metrics: { hostMetrics: true } })],
    };
  }
}
