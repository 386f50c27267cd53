import { Injectable } from '@nestjs/common';
import { OwnerPool } from '#platform/database';
import type { Job, JobOutcome } from './job.ts';
import { JOB_COLUMNS, type JobRecord, jobOf } from './jobs.repository.ts';

/** An attempt that this process runs. */
export interface Held {
  id: string;
  fencing: number;
}

/** A job that acted, taken to be settled with the outcome it stored. */
export interface Acted {
  job: Job;
  outcome: JobOutcome;
  /** This one counts. */
  tries: number;
  nextTry: Date;
}

/** The machinery of the queue, over all organizations and therefore as the owner. All times are the database's. */
@Injectable()
export class QueueRepository {
  constructor(private readonly owner: OwnerPool) {}

  /** Starts a queued job; undefined when it is not to be had, or went back because its organization has its share. */
  async claim(id: string, holder: string, leaseMs: number, orgSlots: number): Promise<Job | undefined> {
    return this.#one(`SELECT ${JOB_COLUMNS} FROM claim_job($1, $2, $3 * interval '1 millisecond', $4)`, [
      id,
      holder,
      leaseMs,
      orgSlots,
    ]);
  }

  /** Gives an item that this process has taken back to the queue, in its old place. */
  async putBack(id: string): Promise<void> {
    await this.owner.query("SELECT queue_job(j) FROM jobs j WHERE id = $1 AND status = 'queued'", [id]);
  }

  /**
   * Returns a started attempt that did nothing yet, or may do nothing more; it does not count. Undefined when another
   * one has taken its place or it acted.
   */
  async release({ id, fencing }: Held, delayMs: number): Promise<Job | undefined> {
    return this.#one(
      `UPDATE jobs SET status = 'queued', attempt = attempt - 1, run_at = clock_timestamp() + $3 * interval
        '1 millisecond', lease_owner = NULL, lease_until = NULL,
         updated_at = clock_timestamp() WHERE id = $1 AND fencing = $2 AND status = 'running' AND acted IS NULL
       RETURNING ${JOB_COLUMNS}`,
      [id, fencing, delayMs],
    );
  }

  /** The outcome that a running attempt has stored; undefined when it has not acted. */
  async actedOutcome({ id, fencing }: Held): Promise<JobOutcome | undefined> {
    const { rows } = await this.owner.query<{ acted: JobOutcome }>(
      "SELECT acted FROM jobs WHERE id = $1 AND fencing = $2 AND status = 'running' AND acted IS NOT NULL",
      [id, fencing],
    );
    return rows[0]?.acted;
  }

  /**
   * Jobs that acted and whose lease lapsed, as new attempts of this holder that only settle. The lease is twice as long
   * with each try, up to `longestMs`: it is the pause before the next.
   */
  async takeActed(holder: string, leaseMs: number, longestMs: number): Promise<Acted[]> {
    const { rows } = await this.owner.query<JobRecord & { acted: JobOutcome; settle_tries: number; lease_until: Date }>(
      `UPDATE jobs SET fencing = fencing + 1, lease_owner = $1, settle_tries = settle_tries + 1,
         lease_until = clock_timestamp() + least($2 * 2 ^ least(settle_tries, 30), $3) * interval '1 millisecond'
       WHERE id IN (SELECT id FROM jobs WHERE status = 'running' AND acted IS NOT NULL
         AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED) RETURNING ${JOB_COLUMNS}, acted, settle_tries,
         lease_until`,
      [holder, leaseMs, longestMs],
    );
    return rows.map((row) => ({
      job: jobOf(row),
      outcome: row.acted,
      tries: row.settle_tries,
      nextTry: row.lease_until,
    }));
  }

  /** Renews leases; answers with the jobs that are still this holder's. */
  async heartbeat(holder: string, held: readonly Held[], leaseMs: number): Promise<Set<string>> {
    const { rows } = await this.owner.query<{ id: string }>(
      `UPDATE jobs j SET lease_until = clock_timestamp() + $4 * interval '1 millisecond' FROM unnest($2::uuid[],
        $3::bigint[]) AS h (id, fencing)
       WHERE j.id = h.id AND j.fencing = h.fencing AND j.lease_owner = $1 AND j.status = 'running' RETURNING j.id`,
      [holder, held.map(({ id }) => id), held.map(({ fencing }) => fencing), leaseMs],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async cancelRequested(ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.owner.query<{ id: string }>(
      "SELECT id FROM jobs WHERE id = ANY ($1) AND cancel_requested_at IS NOT NULL AND status = 'running'",
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** Queues running jobs whose lease lapsed, and frees items that a dead process took and never started. */
  async requeueLapsed(leaseMs: number): Promise<Job[]> {
    const jobs = await this.#requeue('lease_until < clock_timestamp()', []);
    await this.owner.query(
      `UPDATE graphile_worker._private_jobs i SET locked_at = NULL, locked_by = NULL FROM jobs j
       WHERE i.key = j.id::text AND j.status = 'queued' AND i.locked_at < clock_timestamp() - $1 * interval
         '1 millisecond'`,
      [leaseMs],
    );
    return jobs;
  }

  /** The same for everything a holder left behind, at once: its process is known to be dead. */
  async requeueHeldBy(holder: string): Promise<Job[]> {
    const jobs = await this.#requeue('lease_owner = $1', [holder]);
    // What acted is the leader's, from now on.
    await this.owner.query(
      `UPDATE jobs SET lease_until = clock_timestamp()
       WHERE lease_owner = $1 AND status = 'running' AND acted IS NOT NULL`,
      [holder],
    );
    await this.owner.query('SELECT graphile_worker.force_unlock_workers($1)', [[holder]]);
    return jobs;
  }

  /** Flags of jobs that must wait because their organization has its share of the queue. */
  async crowdedFlags(orgSlots: ReadonlyMap<string, number>): Promise<string[]> {
    const { rows } = await this.owner.query<{ flag: string }>(
      `SELECT 'queue:' || c.queue || ':' || COALESCE(c.org_id::text, 'platform') AS flag
       FROM (SELECT slots, array_agg(queue) AS queues FROM unnest($1::text[], $2::int[]) AS q (queue, slots) GROUP BY
         slots) caps, LATERAL crowded_orgs(caps.slots) c WHERE c.queue = ANY (caps.queues)`,
      [[...orgSlots.keys()], [...orgSlots.values()]],
    );
    return rows.map(({ flag }) => flag);
  }

  /** What waits in each queue that something waits in. */
  async waiting(): Promise<{ queue: string; depth: number; oldestAgeSeconds: number }[]> {
    const { rows } = await this.owner.query<{ queue: string; depth: number; oldestAgeSeconds: number }>(
      `SELECT queue, count(*)::int AS depth, extract(epoch FROM clock_timestamp() - min(created_at))::float8 AS
        "oldestAgeSeconds" FROM jobs WHERE status = 'queued' GROUP BY queue`,
    );
    return rows;
  }

  async announceConsumer(holder: string, slots: ReadonlyMap<string, number>): Promise<void> {
    await this.owner.query(
      `INSERT INTO job_consumers (holder, queue, slots) SELECT $1, queue, slots FROM
         unnest($2::text[], $3::int[]) AS q (queue, slots)
       ON CONFLICT (holder, queue) DO UPDATE SET slots = EXCLUDED.slots, seen_at = now()`,
      [holder, [...slots.keys()], [...slots.values()]],
    );
  }

  async withdrawConsumer(holder: string): Promise<void> {
    await this.owner.query("DELETE FROM job_consumers WHERE holder = $1 OR seen_at < now() - interval '1 day'", [
      holder,
    ]);
  }

  async #requeue(condition: string, parameters: unknown[]): Promise<Job[]> {
    const { rows } = await this.owner.query<JobRecord>(
      `UPDATE jobs SET status = 'queued', lost = lost + 1, attempt = attempt - CASE WHEN lost_process_limit IS NULL THEN
        0 ELSE 1 END, lease_owner = NULL, lease_until = NULL,
         updated_at = clock_timestamp() WHERE id IN (SELECT id FROM jobs WHERE status = 'running' AND acted IS NULL AND
         ${condition} FOR UPDATE SKIP LOCKED) RETURNING ${JOB_COLUMNS}`,
      parameters,
    );
    return rows.map(jobOf);
  }

  async #one(sql: string, parameters: unknown[]): Promise<Job | undefined> {
    const { rows } = await this.owner.query<JobRecord>(sql, parameters);
    return rows[0] && jobOf(rows[0]);
  }
}
