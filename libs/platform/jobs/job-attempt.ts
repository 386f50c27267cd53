import type { JobOutcome } from './job.ts';
import type { JobRun } from './job-run.ts';
import type { RegisteredProcessor } from './processor-registry.ts';

/** How a processor ended: with what it found, with an error, or not within its grace after an abort. */
export type Ending = { outcome: JobOutcome } | { error: unknown } | 'abandoned';

/** A processor that stops for a shutdown has no more than this, for the process wants to end. */
const SHUTDOWN_GRACE_MS = 1_000;

/** Runs the processor once, within its time and its grace. */
export async function runAttempt(
  run: JobRun,
  { options, runner }: RegisteredProcessor,
  defaultGraceMs: number,
): Promise<Ending> {
  const timer = setTimeout(() => run.abort('timeout'), options.timeoutMs);
  const work = runner.run(run).then(
    (result): Ending => ({ outcome: { status: 'succeeded', result } }),
    (error: unknown): Ending => ({ error }),
  );
  try {
    return await Promise.race([work, graceAfterAbort(run, options.cancelGraceMs ?? defaultGraceMs)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when an aborted processor has had its time to end; what it still does is refused by its fencing. */
function graceAfterAbort(run: JobRun, graceMs: number): Promise<Ending> {
  return new Promise((resolve) => {
    const wait = (): void => {
      const grace = run.abortedBy === 'shutdown' ? Math.min(graceMs, SHUTDOWN_GRACE_MS) : graceMs;
      setTimeout(() => resolve('abandoned'), grace).unref();
    };
    // An abort between claim and start has already happened: its event does not come again.
    if (run.signal.aborted) wait();
    else run.signal.addEventListener('abort', wait, { once: true });
  });
}
