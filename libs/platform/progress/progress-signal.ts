import { Injectable, Logger } from '@nestjs/common';
import { Listener, Looks, OwnerPool } from '#platform/database';
import { ProgressRepository } from './progress.repository.ts';
import type { ProgressHub } from './progress-hub.ts';

const LOOK_MS = 1_000;
/** `<task> <seq> <origin>` for stored frames, `<task> <origin> <json>` for ephemeral ones. */
const STORED = /^([0-9a-f-]{36}) (\d+) (\S+)$/;
const EPHEMERAL = /^([0-9a-f-]{36}) ([0-9a-f-]{36}) (\{.*)$/s;

/**
 * Hears of frames that other processes publish: by LISTEN at once, and by a look every second at what is listened to
 * here.
 */
@Injectable()
export class ProgressSignal {
  readonly #logger = new Logger('progress');
  readonly #listener: Listener;
  readonly #looks = new Looks();
  #hub: ProgressHub | undefined;
  #origin = '';

  constructor(
    owner: OwnerPool,
    private readonly frames: ProgressRepository,
  ) {
    this.#listener = new Listener(owner, 'alphaswarm_progress', (payload) => this.#hear(payload));
  }

  start(origin: string, hub: ProgressHub): void {
    this.#origin = origin;
    this.#hub = hub;
    this.#looks.start(LOOK_MS, () => this.#look(hub));
  }

  async stop(): Promise<void> {
    await this.#looks.stop();
    this.#listener.close();
  }

  async #look(hub: ProgressHub): Promise<void> {
    const { taskIds } = hub;
    if (taskIds.length === 0) return;
    try {
      await this.#listener.open();
      for (const { taskId, last } of await this.frames.newest(taskIds)) hub.reach(taskId, last);
    } catch (error) {
      this.#logger.warn({ msg: 'streams not looked at; the next look is in a second', err: error });
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
