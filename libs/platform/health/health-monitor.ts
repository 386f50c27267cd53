import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { ServiceState } from '#platform/http';
import { type HealthProbe, HealthProbes, type ProbeName } from './health-probes.ts';
import { type ProbeState, UNKNOWN_PROBE, afterCheck } from './probe-state.ts';

const INTERVAL_MS = 2_000;
const TIMEOUT_MS = 1_000;

export interface Readiness {
  status: 'ready' | 'degraded' | 'not_ready';
  /** Names of failed soft probes. */
  degraded: string[];
  checks: Record<string, { ok: boolean; ms: number }>;
}

/** Asks every dependency every two seconds in the background; an answer about readiness never waits for one. */
@Injectable()
export class HealthMonitor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('health');
  readonly #states = new Map<ProbeName, ProbeState>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly probes: HealthProbes,
    private readonly indicators: HealthIndicatorService,
    private readonly service: ServiceState,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.#round();
    this.#schedule();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readiness(): Readiness {
    const probes = this.probes.all().map((probe) => ({ probe, state: this.#stateOf(probe) }));
    const failed = probes.filter(({ state }) => !state.ok);
    const degraded = failed.filter(({ probe }) => !probe.hard).map(({ probe }) => probe.name);
    const notReady = this.service.stopping || failed.some(({ probe }) => probe.hard);
    return {
      status: notReady ? 'not_ready' : degraded.length > 0 ? 'degraded' : 'ready',
      degraded,
      checks: Object.fromEntries(probes.map(({ probe, state }) => [probe.name, { ok: state.ok, ms: state.ms }])),
    };
  }

  /** For operators: what the last check said. */
  details(): { name: string; hard: boolean; ok: boolean; ms: number; failures: number; error: string | null }[] {
    return this.probes.all().map((probe) => {
      const { ok, ms, failures, error } = this.#stateOf(probe);
      return { name: probe.name, hard: probe.hard, ok, ms, failures, error };
    });
  }

  #stateOf({ name }: HealthProbe): ProbeState {
    return this.#states.get(name) ?? UNKNOWN_PROBE;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      const again = (): void => {
        if (this.#timer) this.#schedule();
      };
      this.#round()
        .catch((error: unknown) => this.#logger.error({ msg: 'checks failed', err: error }))
        .finally(again);
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    await Promise.all(this.probes.all().map((probe) => this.#check(probe)));
  }

  async #check(probe: HealthProbe): Promise<void> {
    const { [probe.name]: result } = await this.indicators
      .check(probe.name)
      .attempt(async ({ signal }) => probe.check(signal))
      .withTimeout(TIMEOUT_MS);
    const details: { status: string; responseTime?: number; message?: unknown } = result;
    const ok = details.status === 'up';
    const before = this.#stateOf(probe);
    const after = afterCheck(before, {
      ok,
      ms: Math.round(details.responseTime ?? 0),
      error: ok ? null : String(details.message ?? 'failed'),
    });
    this.#states.set(probe.name, after);
    if (before.known && before.ok !== after.ok)
      this.#logger.warn({ msg: 'dependency changed', dependency: probe.name, ok: after.ok });
  }
}
