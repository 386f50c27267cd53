import { BooleanField, EnumField, InstantField, IntegerField, NestedField, ObjectField, TextField, UuidField } from '#platform/http';
import { RUN_STATUSES, TRIGGERS } from '../ingest-run.ts';

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
  @ObjectField({ example: { namespace: 'silver_market', table: 'bars_daily', layer: 'silver' } }) target!: Record<string, unknown>;
  @IntegerField({ example: 5105 }) rows_read!: number;
  @IntegerField({ example: 5105 }) rows_written!: number;
  @IntegerField({ example: 0 }) rows_duplicate!: number;
  @IntegerField({ example: 0 }) rows_quarantined!: number;
  @IntegerField({ example: 350_000 }) bytes_read!: number;
  @BooleanField({ example: false }) truncated!: boolean;
  @ObjectField({ example: {}, description: 'Rows per rejection code.' }) reasons!: Record<string, number>;
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
  @IntegerField({ example: 3 }) line!: number;
  @TextField({ example: '2024-01-03,1,0.5,2,1.5,10' }) raw!: string;
  @TextField({ each: true, example: ['high_low_inverted'] }) codes!: string[];
  @TextField({ example: 'high low inverted' }) message!: string;
}

export class PreviewColumn {
  @TextField({ example: 'open' }) name!: string;
  @EnumField(['string', 'int', 'long', 'double', 'boolean', 'date', 'timestamptz'], { example: 'double' }) type!: string;
  @BooleanField({ example: false }) nullable!: boolean;
}

export class PreviewValidation {
  @IntegerField({ example: 5105 }) rows_read!: number;
  @IntegerField({ example: 5105 }) rows_ok!: number;
  @ObjectField({ example: {} }) reasons!: Record<string, number>;
  @NestedField(() => RunWarningView, { each: true, example: [] }) warnings!: RunWarningView[];
}

export class PreviewView {
  @NestedField(() => PreviewColumn, { each: true }) columns!: PreviewColumn[];
  @ObjectField({ example: { columns: { open: 'open', adjclose: null }, constants: { vt_symbol: 'SPX.CBOE' } } }) mapping!: object;
  @ObjectField({ each: true, example: [{ date: '2000-01-03', open: '1469.250000' }] }) rows!: object[];
  @NestedField(() => PreviewValidation) validation!: PreviewValidation;
}
