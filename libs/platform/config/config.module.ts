import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from '#kernel';
import { loadConfig } from './load-config.ts';

/** Configuration topics and the clock, injectable by their class everywhere. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(env: NodeJS.ProcessEnv, clock: Clock = new SystemClock()): DynamicModule {
    const providers = [
      ...loadConfig(env).map((topic) => ({ provide: topic.constructor, useValue: topic })),
      { provide: Clock, useValue: clock },
    ];
    return { module: ConfigModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
