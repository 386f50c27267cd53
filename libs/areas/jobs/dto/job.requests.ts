import { EnumField, PageQuery, TextField, UuidField } from '#platform/http';
import { JOB_STATUSES, QUEUES } from '#platform/jobs';

export class ListJobs extends PageQuery {
  @EnumField(JOB_STATUSES, { optional: true, example: 'running' }) status?: (typeof JOB_STATUSES)[number];
  @EnumField(QUEUES, { optional: true, example: 'backtest' }) queue?: (typeof QUEUES)[number];
  @TextField({ optional: true, max: 120, example: 'backtest.run' }) name?: string;
  @UuidField({ optional: true }) run_id?: string;
}

export class MintTicket {
  @TextField({
    max: 512,
    pattern: /^\/ws\/[A-Za-z0-9/_-]+$/,
    example: '/ws/progress/018cc251-f400-7000-8000-000000000001',
    description: 'Path of the socket, without a query.',
  })
  path!: string;
}
