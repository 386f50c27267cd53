import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProgressRepository } from '#platform/progress';
import { Chores } from './chores.ts';
import { PurgesRepository } from './purges.repository.ts';

const HOUR_MS = 3_600_000;

/** What the platform itself keeps for a time only (platform.md 10.5). */
@Injectable()
export class Purges implements OnModuleInit {
  constructor(
    private readonly chores: Chores,
    private readonly frames: ProgressRepository,
    private readonly rows: PurgesRepository,
  ) {}

  onModuleInit(): void {
    this.chores.add(
      { name: 'progress frames', everyMs: HOUR_MS, run: () => this.frames.purgeExpired() },
      { name: 'idempotency keys', everyMs: HOUR_MS, run: () => this.rows.idempotencyKeys() },
      { name: 'changes of grants', everyMs: HOUR_MS, run: () => this.rows.grantChanges() },
      { name: 'revocations', everyMs: HOUR_MS, run: () => this.rows.revocations() },
    );
  }
}
