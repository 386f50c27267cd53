import { WebSocket } from 'ws';

export interface Frame {
  seq: number;
  stage: string;
  task_id: string;
  [extra: string]: unknown;
}

const TERMINAL: ReadonlySet<string> = new Set(['done', 'error', 'cancelled']);

/** Follows one task's frames, across as many connections as it takes, always going on after the last frame it has. */
export class TaskStream {
  readonly frames: Frame[] = [];
  readonly taskId: string;
  readonly #url: string;
  readonly #token: string;
  #socket: WebSocket | undefined;

  constructor(url: string, token: string, taskId: string) {
    this.#url = url.replace(/^http/, 'ws');
    this.#token = token;
    this.taskId = taskId;
  }

  get ended(): boolean {
    return TERMINAL.has(this.frames.at(-1)?.stage ?? '');
  }

  /** Connects, collects until the connection ends. A refused or lost connection just ends. */
  listen(): Promise<void> {
    return new Promise((resolve) => {
      const after = this.frames.at(-1)?.seq ?? 0;
      const socket = new WebSocket(`${this.#url}/ws/progress/${this.taskId}?after=${after}`, {
        headers: { authorization: `Bearer ${this.#token}` },
      });
      this.#socket = socket;
      socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Frame));
      socket.on('error', () => socket.terminate());
      socket.on('close', () => resolve());
    });
  }

  close(): void {
    this.#socket?.terminate();
  }

  /** What must hold of the whole stream: `seq` 1, 2, 3, … without gap or repeat, and one terminal frame, the last. */
  problems(): string[] {
    const wrong = this.frames
      .filter((frame, index) => frame.seq !== index + 1)
      .map((frame) => `seq ${frame.seq} out of place`);
    const terminal = this.frames.filter((frame) => TERMINAL.has(frame.stage)).length;
    if (terminal !== 1 || !this.ended)
      wrong.push(`${terminal} terminal frames, last ${this.frames.at(-1)?.stage ?? 'none'}`);
    return wrong;
  }
}
