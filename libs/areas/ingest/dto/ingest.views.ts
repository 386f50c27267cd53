import { ApiProperty } from '@nestjs/swagger';
import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  NestedField,
  ObjectField,
  TextField,
  UuidField,
} from '#platform/http';
import { RUN_STATUSES, TRIGGERS } from '../ingest-run.ts';
import { PRESET_NAMES } from '../reading/presets/index.ts';

export class UploadView {
  @UuidField() upload_id!: string;
  @TextField({ example: 'd0a8135a4c93e49ffb8c8f9642fb2840ff31d67bf7edd025e99688b84c638bc3' }) sha256!: string;
  @TextField({ example: 'text/csv' }) media_type_detected!: string;
  @TextField({ example: 'csv' }) format!: string;
  @IntegerField({ example: 350_000 }) size_bytes!: number;
  @TextField({ nullable: true, example: 'sp500.csv' }) filename!: string | null;
  @EnumField(['open', 'complete', 'scanned', 'rejected', 'expired'], { example: 'complete' }) state!: string;
  @InstantField() expires_at!: string;
}

export class RunWarningView {
  @TextField({ example: 'outlier_return' }) code!: string;
  @IntegerField({ example: 29 }) count!: number;
  @IntegerField({ nullable: true, example: 113 }) first_line!: number | null;
  @TextField({ each: true, optional: true, example: undefined, description: 'Headers that are meant.' })
  columns?: readonly string[];
  @TextField({ optional: true, example: undefined, description: 'What is meant, and what to try.' }) message?: string;
}

export class RefusalView {
  @TextField({ example: 'bad_number' }) code!: string;
  @TextField({
    nullable: true,
    example: 'Close',
    description: 'Header of the file, or the target that no column fills; null where the whole row is meant.',
  })
  column!: string | null;
  @IntegerField({ example: 3, description: 'Rows.' }) count!: number;
  @IntegerField({ example: 12 }) first_line!: number;
  @TextField({ each: true, example: ['x', '1,5'], description: 'The first three different values, as written.' })
  values!: string[];
  @TextField({ optional: true, example: undefined, description: 'What would do.' }) message?: string;
}

export class RunCommitView {
  @UuidField() commit_id!: string;
  @IntegerField({ example: 1 }) version!: number;
  @TextField({ example: '8217340987123456789' }) snapshot_id!: string;
}

export class RunErrorView {
  @TextField({ example: 'too_many_rejects' }) code!: string;
  @TextField({ example: 'Too many rows were refused.' }) message!: string;
}

export class IngestRunView {
  @UuidField() id!: string;
  @UuidField({ nullable: true }) task_id!: string | null;
  @UuidField({ nullable: true, example: null }) pipeline_id!: string | null;
  @EnumField(TRIGGERS, { example: 'api' }) trigger!: string;
  @EnumField(RUN_STATUSES, { example: 'succeeded' }) status!: string;
  @ObjectField({ example: { kind: 'upload' } }) source!: Record<string, unknown>;
  @ObjectField({ example: { namespace: 'silver_market', table: 'bars_daily', layer: 'silver' } }) target!: Record<
    string,
    unknown
  >;
  @IntegerField({ example: 5105 }) rows_read!: number;
  @IntegerField({ example: 5105 }) rows_written!: number;
  @IntegerField({ example: 0 }) rows_duplicate!: number;
  @IntegerField({ example: 0 }) rows_quarantined!: number;
  @IntegerField({ example: 350_000 }) bytes_read!: number;
  @BooleanField({ example: false }) truncated!: boolean;
  @ObjectField({ example: {}, description: 'Rows per rejection code.' }) reasons!: Record<string, number>;
  @NestedField(() => RefusalView, {
    each: true,
    example: [],
    description: 'Rows per rejection code and column, with values.',
  })
  refusals!: RefusalView[];
  @NestedField(() => RunWarningView, { each: true }) warnings!: RunWarningView[];
  @NestedField(() => RunCommitView, { each: true }) commits!: RunCommitView[];
  @UuidField() lineage_run_id!: string;
  @IntegerField({ min: 1, example: 1 }) attempt!: number;
  @UuidField({ nullable: true, example: null }) retry_of!: string | null;
  @NestedField(() => RunErrorView, { nullable: true, example: null }) error!: RunErrorView | null;
  @InstantField() created_at!: string;
  @InstantField({ nullable: true }) started_at!: string | null;
  @InstantField({ nullable: true }) finished_at!: string | null;
}

export class QuarantineRowView {
  /** A number, or of an archive a text. */
  @ApiProperty({
    oneOf: [{ type: 'integer' }, { type: 'string' }],
    example: 3,
    description: '1-based line of the file, row number of columnar formats; `member:line` of an archive.',
  })
  line!: number | string;
  @TextField({ example: '2024-01-03,1,0.5,2,1.5,10' }) raw!: string;
  @TextField({ each: true, example: ['high_low_inverted'] }) codes!: string[];
  @TextField({
    example: 'high low inverted in High: "0.5" (below the low of 2)',
    description: 'Each code with its column and value.',
  })
  message!: string;
}

export class PreviewColumn {
  @TextField({ example: 'open' }) name!: string;
  @EnumField(['string', 'int', 'long', 'double', 'boolean', 'date', 'timestamptz'], { example: 'double' })
  type!: string;
  @BooleanField({ example: false }) nullable!: boolean;
}

export class PreviewValidation {
  @IntegerField({ example: 5105 }) rows_read!: number;
  @IntegerField({ example: 5105 }) rows_ok!: number;
  @ObjectField({ example: {} }) reasons!: Record<string, number>;
  @NestedField(() => RefusalView, { each: true, example: [] }) refusals!: RefusalView[];
  @NestedField(() => RunWarningView, { each: true, example: [] }) warnings!: RunWarningView[];
}

export class PreviewView {
  @NestedField(() => PreviewColumn, { each: true }) columns!: PreviewColumn[];
  @ObjectField({ example: { columns: { open: 'open', adjclose: null }, constants: { vt_symbol: 'SPX.CBOE' } } })
  mapping!: object;
  @ObjectField({ each: true, example: [{ date: '2000-01-03', open: '1469.250000' }] }) rows!: object[];
  @NestedField(() => PreviewValidation) validation!: PreviewValidation;
  @EnumField(PRESET_NAMES, {
    nullable: true,
    example: null,
    description: 'The preset that was asked for, else the one that the file is recognised by.',
  })
  preset!: string | null;
  @ObjectField({
    example: { source: { kind: 'upload' }, mapping: { constants: { interval: '1d' } } },
    description:
      'Body for POST /ingest/runs: what was asked, with preset, interval, columns and exchange as far as they ' +
      'were found out.',
  })
  proposal!: object;
}
