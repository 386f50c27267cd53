import { Injectable, Logger } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { OwnerPool } from '#platform/database';
import { ProgressRepository } from './progress.repository.ts';
import type { ProgressHub } from './progress-hub.ts';

const LOOK_MS = 1_000;
/** `<task> <seq> <origin>` for stored frames, `<task> <origin> <json>` for ephemeral ones. */
const STORED = /^([0-9a-f-]{36}) (\d+) (\S+)$/;
const EPHEMERAL = /^([0-9a-f-]{36}) ([0-9a-f-]{36}) (\{.*)$/s;

/**
 * Hears of frames that other processes publish: by LISTEN at once, and by a look every second at what is listened to
 * here, because a notification is lost with its connection and never comes through a transaction pooler.
 */
@Injectable()
export class ProgressSignal {
  readonly #logger = new Logger('progress');
  #hub: ProgressHub | undefined;
  #origin = '';
  #client: PoolClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly owner: OwnerPool,
    private readonly frames: ProgressRepository,
  ) {}

  start(origin: string, hub: ProgressHub): void {
    this.#origin = origin;
    this.#hub = hub;
    const again = (): void => {
      this.#timer = setTimeout(() => {
        this.#looking = this.#look().finally(() => this.#timer && again());
      }, LOOK_MS);
    };
    again();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking;
    this.#client?.release(true);
    this.#client = undefined;
  }

  async #look(): Promise<void> {
    const hub = this.#hub;
    const taskIds = hub?.taskIds ?? [];
    if (!hub || taskIds.length === 0) return;
    try {
      if (!this.#client) await this.#listen();
      for (const { taskId, last } of await this.frames.newest(taskIds)) hub.reach(taskId, last);
    } catch (error) {
      this.#logger.warn({ msg: 'streams not looked at; the next look is in a second', err: error });
    }
  }

  async #listen(): Promise<void> {
    const client = await this.owner.connect();
    client.on('notification', ({ payload }) => this.#hearSafely(payload ?? ''));
    client.on('error', (error) => this.#lost(client, error));
    this.#client = client;
    await client.query('LISTEN alphaswarm_progress').catch((error: Error) => {
      this.#lost(client, error);
      throw error;
    });
  }

  /** A connection can end with two errors, the farewell of PostgreSQL and that of the socket. */
  #lost(client: PoolClient, error: Error): void {
    if (this.#client !== client) return;
    this.#logger.warn({ msg: 'progress notifications lost their connection', err: error });
    this.#client = undefined;
    client.release(error);
  }

  /** Whoever may notify may send anything; here nobody stands above who could catch it. */
  #hearSafely(payload: string): void {
    try {
      this.#hear(payload);
    } catch (error) {
      this.#logger.warn({ msg: 'notification not understood', err: error });
    }
  }

  #hear(payload: string): void {
    const [, task, seq, origin] = STORED.exec(payload) ?? [];
    if (task && seq && origin !== this.#origin) return this.#hub?.reach(task, Number(seq));
    const [, ephemeralTask, from, text] = EPHEMERAL.exec(payload) ?? [];
    if (ephemeralTask && text && from !== this.#origin) {
      const { stage } = JSON.parse(text) as { stage: string };
      this.#hub?.deliverEphemeral(ephemeralTask, [{ seq: null, stage, terminal: false, text }]);
    }
  }
}
