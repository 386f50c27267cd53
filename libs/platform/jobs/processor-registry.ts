import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { JOB_PROCESSOR, type JobProcessorOptions, type JobRunner } from './job-processor.ts';

export interface RegisteredProcessor {
  readonly options: JobProcessorOptions;
  readonly runner: JobRunner;
}

/** Every `@JobProcessor` of the process by its name. */
@Injectable()
export class ProcessorRegistry {
  #byName: ReadonlyMap<string, RegisteredProcessor> | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  find(name: string): RegisteredProcessor | undefined {
    return this.#all().get(name);
  }

  all(): RegisteredProcessor[] {
    return [...this.#all().values()];
  }

  #all(): ReadonlyMap<string, RegisteredProcessor> {
    this.#byName ??= this.#discover();
    return this.#byName;
  }

  #discover(): ReadonlyMap<string, RegisteredProcessor> {
    const found = new Map<string, RegisteredProcessor>();
    for (const { instance, metatype } of this.discovery.getProviders()) {
      const options = metatype
        ? (Reflect.getMetadata(JOB_PROCESSOR, metatype) as JobProcessorOptions | undefined)
        : undefined;
      if (!options) continue;
      if (found.has(options.name)) throw new Error(`Two processors are named ${options.name}.`);
      found.set(options.name, { options, runner: instance as JobRunner });
    }
    return found;
  }
}
