/** What a route answered. */
export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Job {
  id: string;
  run_id: string;
  status: string;
  result: Record<string, unknown> | null;
  error: { code: string; message: string } | null;
}

export interface InlineBar {
  vt_symbol: string;
  time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
}

type Row = Record<string, unknown>;

/** One user of the service, over the public API alone. */
export class Client {
  readonly url: string;
  readonly token: string;

  private constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  static async as(url: string, user: { user: string; org?: string; role?: string; acr?: string }): Promise<Client> {
    const response = await fetch(`${url}/auth/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(user),
    });
    const body = (await response.json()) as { access_token: string };
    if (!response.ok) throw new Error(`no token: ${JSON.stringify(body)}`);
    return new Client(url, body.access_token);
  }

  async request<T = Row>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${this.url}${path}`, {
      method,
      body: (raw ? body : JSON.stringify(body)) as string | undefined,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    const text = await response.text();
    const json =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (json && text ? JSON.parse(text) : text) as T };
  }

  get<T = Row>(path: string, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.request('GET', path, undefined, headers);
  }

  post<T = Row>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.request('POST', path, body, headers);
  }

  /** Follows a job to its end. */
  async settled(taskId: string, seconds = 60): Promise<Job> {
    const deadline = performance.now() + seconds * 1_000;
    for (;;) {
      const { body } = await this.get<Job>(`/jobs/${taskId}`);
      if (['succeeded', 'failed', 'cancelled', 'dead'].includes(body.status)) return body;
      if (performance.now() > deadline) throw new Error(`job ${taskId} is still ${body.status}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Starts a backtest, waits for its end, and reads everything it left. */
  async backtest(request: Row): Promise<FinishedBacktest> {
    const started = await this.post<{ task_id: string; run_id: string }>('/backtests', request);
    if (started.status !== 202)
      throw new Error(`POST /backtests answered ${started.status}: ${JSON.stringify(started.body)}`);
    const job = await this.settled(started.body.task_id);
    if (job.status !== 'succeeded') throw new Error(`the backtest ended ${job.status}: ${JSON.stringify(job.error)}`);
    return this.results(started.body.run_id);
  }

  async results(id: string): Promise<FinishedBacktest> {
    const rows = async (kind: string): Promise<Row[]> =>
      ndjson((await this.get<string>(`/backtests/${id}/${kind}`, { accept: 'application/x-ndjson' })).body);
    const events = await this.get<string>(`/backtests/${id}/events`);
    return {
      id,
      detail: (await this.get(`/backtests/${id}`)).body,
      metrics: (await this.get<Record<string, number | null>>(`/backtests/${id}/metrics`)).body,
      equity: await rows('equity'),
      // Newest first on the wire; the scenarios tell them in the order they happened.
      orders: (await rows('orders')).reverse(),
      fills: (await rows('fills')).reverse(),
      signals: (await rows('signals')).reverse(),
      roundTrips: (await rows('round-trips')).reverse(),
      events: events.status === 200 ? events.body.split('\n').filter(Boolean) : [],
      eventLogHash: events.headers.get('x-event-log-hash'),
    };
  }
}

export interface FinishedBacktest {
  id: string;
  detail: Row;
  metrics: Record<string, number | null>;
  equity: Row[];
  orders: Row[];
  fills: Row[];
  signals: Row[];
  roundTrips: Row[];
  /** JSON lines of the event log, as sent. */
  events: string[];
  eventLogHash: string | null;
}

function ndjson(text: string): Row[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
}
