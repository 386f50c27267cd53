import { Injectable } from '@nestjs/common';

/** Names a probe may have (platform.md 13): they are public, so they tell no host and no product version. */
export type ProbeName =
  | 'postgres'
  | 'redis'
  | 'audit'
  | 'halt'
  | 'idp'
  | 'kek'
  | 'pubsub'
  | 'control_plane'
  | 'neo4j'
  | 'vector'
  | 'mlflow'
  | 'lake'
  | 'storage'
  | 'otel';

export interface HealthProbe {
  readonly name: ProbeName;
  /** A hard probe that fails makes the service not ready; a soft one makes it degraded. */
  readonly hard: boolean;
  /** Resolves when the dependency works. Aborted after one second. */
  check(signal: AbortSignal): Promise<void>;
}

/** Whoever depends on something adds its probe in `onModuleInit`. */
@Injectable()
export class HealthProbes {
  readonly #probes = new Map<ProbeName, HealthProbe>();

  add(probe: HealthProbe): void {
    if (this.#probes.has(probe.name)) throw new Error(`There are two health probes named ${probe.name}.`);
    this.#probes.set(probe.name, probe);
  }

  all(): HealthProbe[] {
    return [...this.#probes.values()];
  }
}
