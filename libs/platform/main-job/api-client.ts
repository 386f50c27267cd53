import { WebSocket } from 'ws';

/** A frame of a task's stream (platform.md 9.3). */
export interface ProgressFrame {
  task_id: string;
  stage: string;
  message: string;
  seq: number;
  [extra: string]: unknown;
}

export interface Task {
  task_id: string;
  run_id: string;
}

const TERMINAL: ReadonlySet<string> = new Set(['done', 'error', 'cancelled']);

/** An answer that is not 2xx, in the words of its problem document. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, problem: { code?: string; detail?: string }, route: string) {
    super(`${route} answered ${status} ${problem.code ?? ''}: ${problem.detail ?? ''}`);
    this.name = 'ApiRefusal';
    this.status = status;
    this.code = problem.code ?? 'unknown';
  }
}

/** The public API as a client uses it: JSON over HTTP, progress over WebSocket, a bearer token. */
export class ApiClient {
  readonly baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.baseUrl = baseUrl.replace(/\/$/, '');
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.#send('GET', path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#send(
      'POST',
      path,
      body === undefined ? undefined : { body: JSON.stringify(body), type: 'application/json' },
    );
  }

  upload<T>(path: string, body: Uint8Array<ArrayBuffer>, type: string): Promise<T> {
    return this.#send('POST', path, { body, type });
  }

  /**
   * Follows a task to its end and resolves with the result of `done`. A lost connection is taken up where it ended, so
   * no frame is missed or told twice. Throws ApiRefusal when the task ends otherwise.
   */
  async follow(task: Task, tell: (frame: ProgressFrame) => void = () => undefined): Promise<Record<string, unknown>> {
    let after = 0;
    for (let attempt = 0; attempt < 50; attempt++) {
      const last = await this.#listen(task.task_id, after, (frame) => {
        after = frame.seq;
        tell(frame);
      });
      if (last?.stage === 'done') return (last['result'] ?? {}) as Record<string, unknown>;
      if (last)
        throw new ApiRefusal(
          0,
          (last['error'] ?? { code: last.stage, detail: last.message }) as { code?: string; detail?: string },
          `task ${task.task_id}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new ApiRefusal(
      0,
      { code: 'stream_lost', detail: 'the connection was lost too often' },
      `task ${task.task_id}`,
    );
  }

  /** Resolves with the terminal frame, or undefined when the connection ended before it. */
  #listen(taskId: string, after: number, tell: (frame: ProgressFrame) => void): Promise<ProgressFrame | undefined> {
    return new Promise((resolve) => {
      const url = `${this.baseUrl.replace(/^http/, 'ws')}/ws/progress/${taskId}?after=${after}`;
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${this.#token}` } });
      let last: ProgressFrame | undefined;
      socket.on('message', (data) => {
        const frame = JSON.parse(String(data)) as ProgressFrame;
        tell(frame);
        if (TERMINAL.has(frame.stage)) last = frame;
      });
      socket.on('error', () => socket.terminate());
      socket.on('close', () => resolve(last));
    });
  }

  async #send<T>(
    method: string,
    path: string,
    content?: { body: string | Uint8Array<ArrayBuffer>; type: string },
  ): Promise<T> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      body: content?.body ?? null,
      headers: {
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json',
        ...(content ? { 'content-type': content.type } : {}),
      },
    });
    const answer: unknown = await response.json();
    if (!response.ok)
      throw new ApiRefusal(response.status, answer as { code?: string; detail?: string }, `${method} ${path}`);
    return answer as T;
  }
}
