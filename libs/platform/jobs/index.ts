export { QUEUES, type QueueName } from '#platform/config';
export { Chores, type Chore } from './chores.ts';
export { JOB_STATUSES, type Job, type JobError, type JobOutcome, type JobSettled, type JobStatus } from './job.ts';
export {
  JobProcessor,
  type JobExecution,
  type JobProcessorOptions,
  type JobRunner,
  type RequeuedJob,
} from './job-processor.ts';
export { StaleAttemptError } from './job-run.ts';
export { JobsModule } from './jobs.module.ts';
export { Jobs, type EnqueueJob } from './jobs.service.ts';
export { LeaderLeaseRepository } from './leader-lease.repository.ts';
export { ProcessorRegistry } from './processor-registry.ts';
export { migrateQueue } from './queue-schema.ts';
export { QueuedTask, streamUrl } from './queued-task.ts';
export { withStorage } from './storage-outage.ts';
