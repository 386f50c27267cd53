import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  NestedField,
  NumberField,
  ObjectField,
  TextField,
  UuidField,
} from '#platform/http';
import { JOB_STATUSES, QUEUES } from '#platform/jobs';

export class JobErrorView {
  @TextField({ example: 'no_data' }) code!: string;
  @TextField({ example: 'There are no bars in the window.' }) message!: string;
  @BooleanField({ example: false }) retryable!: boolean;
}

/** A job as platform.md 8.7 shows it; absent values are null. */
export class JobView {
  @UuidField() id!: string;
  @UuidField({ description: 'The same as `id`: what the caller follows.' }) task_id!: string;
  @UuidField({ description: 'Run row of the area that queued it.' }) run_id!: string;
  @TextField({ example: 'backtest.run' }) name!: string;
  @EnumField(QUEUES, { example: 'backtest' }) queue!: string;
  @EnumField(JOB_STATUSES, { example: 'running' }) status!: string;
  @IntegerField({ min: 0, example: 1 }) attempt!: number;
  @IntegerField({ min: 1, example: 5 }) max_attempts!: number;
  @NumberField({ nullable: true, min: 0, max: 1, example: 0.4 }) progress!: number | null;
  @IntegerField({ min: 0, nullable: true, example: 12 }) progress_seq!: number | null;
  @ObjectField({ nullable: true, example: null }) result!: Record<string, unknown> | null;
  @NestedField(() => JobErrorView, { nullable: true }) error!: JobErrorView | null;
  @InstantField({ nullable: true }) cancel_requested_at!: string | null;
  @UuidField({ nullable: true }) retry_of!: string | null;
  @TextField({ example: 'user:018cc251-f400-7000-8000-000000000003' }) created_by!: string;
  @InstantField() created_at!: string;
  @InstantField({ nullable: true }) started_at!: string | null;
  @InstantField({ nullable: true }) ended_at!: string | null;
  @TextField({ example: '/ws/progress/018cc251-f400-7000-8000-000000000001' }) stream_url!: string;
}

export class QueueView {
  @EnumField(QUEUES, { example: 'backtest' }) queue!: string;
  @IntegerField({ min: 0, example: 3, description: 'Waiting jobs of the organization.' }) depth!: number;
  @IntegerField({ min: 0, example: 1, description: 'Running jobs of the organization.' }) running!: number;
  @IntegerField({
    min: 0,
    nullable: true,
    example: 4,
    description: 'How long the oldest waiting job of the organization has waited.',
  })
  oldest_age_seconds!: number | null;
  @IntegerField({ min: 0, example: 1, description: 'Processes that drain the queue. 0: its jobs wait for nobody.' })
  consumers!: number;
}

export class QueueList {
  @NestedField(() => QueueView, { each: true }) data!: QueueView[];
}

export class TicketView {
  @TextField({ example: 'mL0Wv0bS3nZ1u5o2VtYV0n0yB6Hk3n8mL0Wv0bS3nZ0' }) ticket!: string;
  @IntegerField({ example: 30, description: 'Seconds.' }) expires_in!: number;
}
