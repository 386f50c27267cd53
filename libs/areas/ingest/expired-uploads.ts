import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#kernel';
import { TenantTransaction } from '#platform/database';
import { Chores } from '#platform/jobs';
import { ObjectStore } from '#platform/storage';
import { UploadsRepository } from './uploads.repository.ts';

const HOUR_MS = 3_600_000;
/** A run that was queued in time may still be reading. */
const GRACE_MS = HOUR_MS;

/** Removes the bytes of uploads that nobody may use any more; the rows stay and say so. */
@Injectable()
export class ExpiredUploads implements OnModuleInit {
  constructor(
    private readonly chores: Chores,
    private readonly tx: TenantTransaction,
    private readonly uploads: UploadsRepository,
    private readonly clock: Clock,
    private readonly objects: ObjectStore,
  ) {}

  onModuleInit(): void {
    this.chores.add({ name: 'expired uploads', everyMs: HOUR_MS, run: () => this.remove() });
  }

  /** Of all organizations. Returns how many. */
  async remove(): Promise<number> {
    const before = new Date(this.clock.now() - GRACE_MS);
    const expired = await this.tx.run({ orgId: null, platformRead: true }, () => this.uploads.expiredBefore(before));
    for (const { id, org_id: orgId, storage_key: key } of expired) {
      // Before the row says so: a process that dies in between deletes once more, which is nothing.
      await this.objects.delete(key);
      await this.tx.run({ orgId }, () => this.uploads.expire(id));
    }
    return expired.length;
  }
}
