import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Reconciler } from './reconciler.ts';
import { Sealer } from './sealing/sealer.ts';

/** Runs sealer and reconciler as long as the service runs. Every process may: both are safe side by side. */
@Injectable()
export class AuditBackground implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly sealer: Sealer,
    private readonly reconciler: Reconciler,
  ) {}

  onApplicationBootstrap(): void {
    this.sealer.start();
    this.reconciler.start();
  }

  /** Requests may still be ending: what they commit later is sealed by the next process that looks. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.reconciler.stop();
    await this.sealer.flush();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sealer.stop();
  }
}
