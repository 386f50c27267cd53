import { EnumField, InstantField, IntegerField, PageQuery, TextField, UuidField } from '#platform/http';

export const RUN_STATUSES = ['pending', 'running', 'succeeded', 'failed', 'denied', 'cancelled', 'unknown'] as const;

export class ListWorkloadRuns extends PageQuery {
  @TextField({
    optional: true,
    max: 260,
    example: 'user:018cc251-f400-7000-8000-0000000000aa',
    description: 'Who acted: `<kind>:<id>`, or the id alone.',
  })
  actor?: string;
  @TextField({ optional: true, max: 120, example: 'strategy.create' }) action?: string;
  @EnumField(RUN_STATUSES, { optional: true, example: 'failed' }) status?: string;
  @TextField({
    optional: true,
    max: 310,
    example: 'strategy:018cc251-f400-7000-8000-0000000000bb',
    description: '`<kind>:<id>` of what was acted on, or the id alone.',
  })
  target?: string;
  @InstantField({ optional: true, description: 'Started at this moment or later.' }) from?: string;
  @InstantField({ optional: true, description: 'Started before this moment.' }) to?: string;
  @UuidField({ optional: true, description: 'Another organization: platform staff only.' }) org?: string;
}

export class VerifyRange {
  @IntegerField({
    min: 1,
    optional: true,
    example: 1,
    description: 'First `seq`; its `prev_hash` is trusted unless it is 1.',
  })
  from?: number;
  @IntegerField({ min: 1, optional: true, example: 100, description: 'Last `seq`; the end of the chain by default.' })
  to?: number;
}

export class ListCheckpoints extends PageQuery {
  @TextField({
    optional: true,
    max: 64,
    example: 'org:018cc251-f400-7000-8000-0000000000cc',
    description: 'Chain; by default that of the active organization.',
  })
  chain?: string;
}
