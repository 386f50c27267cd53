import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 10;

export interface Job {
  status: string;
  started_at: string;
  ended_at: string;
  error: unknown;
}

/** One organization with its owner, over HTTP. */
export class Caller {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static async of(url: string, org: string): Promise<Caller> {
    const body = JSON.stringify({ user: `owner-of-${org}`, org, role: 'owner', ttl_seconds: 86_400 });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/auth/dev/token`, { method: 'POST', headers, body });
    const { access_token: token } = (await response.json()) as { access_token: string };
    return new Caller(url, token);
  }

  /** Bars of one minute, made by the service, of every symbol in the years. */
  async makeBars(symbols: readonly string[], start: string, end: string): Promise<void> {
    const body = { symbols, start, end, interval: '1m', source: { kind: 'synthetic', model: 'gbm', seed: 42 } };
    const { task_id: id } = await this.#ask<{ task_id: string }>('POST', '/ingest/bars', body);
    await this.ended(id);
  }

  /** EmaCross(20, 50) over the stored bars, every event chained. The seed makes it another run. Answers its task. */
  async start(symbols: readonly string[], seed: number): Promise<string> {
    const strategy = {
      class: 'FrameworkAlgorithm',
      kwargs: {
        universe_model: { class: 'StaticUniverse', kwargs: { symbols } },
        alpha_model: { class: 'EmaCross', kwargs: { fast: 20, slow: 50 } },
        portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: symbols.length } },
      },
    };
    const config = { strategy, backtest: { engine: 'event', kwargs: { interval: '1m', seed } } };
    return (await this.#ask<{ task_id: string }>('POST', '/backtests', { config })).task_id;
  }

  /** Waits until the job has succeeded. */
  async ended(id: string): Promise<Job> {
    for (;;) {
      const job = await this.#ask<Job>('GET', `/jobs/${id}`);
      if (job.status === 'succeeded') return job;
      if (job.status !== 'queued' && job.status !== 'running')
        throw new Error(`job ${id} is ${job.status}: ${JSON.stringify(job.error)}`);
      await sleep(LOOK_MS);
    }
  }

  async cancel(id: string): Promise<void> {
    await this.#ask('POST', `/jobs/${id}/cancel`);
  }

  async statuses(ids: readonly string[]): Promise<string[]> {
    return Promise.all(ids.map(async (id) => (await this.#ask<Job>('GET', `/jobs/${id}`)).status));
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }
}
