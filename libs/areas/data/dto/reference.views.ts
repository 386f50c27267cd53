import {
  BooleanField,
  DateField,
  EnumField,
  InstantField,
  IntegerField,
  NestedField,
  NumberField,
  ObjectField,
  PageQuery,
  TextField,
  UuidField,
} from '#platform/http';

export class CalendarView {
  @TextField({ example: 'NASDAQ' }) exchange!: string;
  @IntegerField({ min: 1, example: 1 }) version!: number;
  @TextField({ example: 'America/New_York' }) timezone!: string;
  @TextField({ nullable: true, example: 'us_equity' }) rule_set!: string | null;
  @ObjectField({
    example: { 1: ['09:30', '16:00'] },
    description: 'ISO weekday -> local open and close; an open at or after the close is on the day before.',
  })
  sessions!: Record<string, unknown>;
  @IntegerField({ example: 252 }) sessions_per_year!: number;
}

export class SessionView {
  @DateField({ example: '2024-07-03' }) date!: string;
  @InstantField({ example: '2024-07-03T13:30:00Z' }) open!: string;
  @InstantField({ example: '2024-07-03T17:00:00Z' }) close!: string;
  @BooleanField({ example: true }) early!: boolean;
}

export class CalendarSessionsView {
  @TextField({ example: 'NASDAQ' }) exchange!: string;
  @IntegerField({ min: 1, example: 1 }) version!: number;
  @TextField({ example: 'America/New_York' }) timezone!: string;
  @NestedField(() => SessionView, { each: true }) sessions!: SessionView[];
}

export class ListInstruments extends PageQuery {
  @TextField({ optional: true, max: 16, example: 'NASDAQ' }) exchange?: string;
  @TextField({ optional: true, max: 16, example: 'equity' }) asset_class?: string;
  @TextField({ optional: true, max: 64, example: 'AA', description: 'Beginning of the symbol.' }) q?: string;
}

export class InstrumentView {
  @UuidField() id!: string;
  @TextField({ example: 'SPX.CBOE' }) vt_symbol!: string;
  @TextField({ example: 'SPX' }) ticker!: string;
  @TextField({ example: 'CBOE' }) exchange!: string;
  @TextField({ example: 'index' }) asset_class!: string;
  @TextField({ example: 'index' }) security_type!: string;
  @TextField({ nullable: true, example: null }) instrument_class!: string | null;
  @TextField({ nullable: true, example: 'USD' }) currency!: string | null;
  @NumberField({ nullable: true, example: 0.01 }) tick_size!: number | null;
  @NumberField({ example: 1 }) multiplier!: number;
  @NumberField({ nullable: true, example: 1 }) lot_size!: number | null;
  @IntegerField({ nullable: true, example: 2 }) price_precision!: number | null;
  @IntegerField({ nullable: true, example: 0 }) size_precision!: number | null;
  @TextField({ nullable: true, example: null }) sector!: string | null;
  @TextField({ nullable: true, example: null }) industry!: string | null;
  @TextField({ nullable: true, example: null }) region!: string | null;
  @BooleanField({ example: true }) is_active!: boolean;
  @DateField({ nullable: true, example: null }) listed_at!: string | null;
  @DateField({ nullable: true, example: null }) delisted_at!: string | null;
  @TextField({ each: true, example: [] }) tags!: string[];
  @ObjectField({ example: {} }) meta!: Record<string, unknown>;
  @IntegerField({ min: 1, example: 1 }) row_version!: number;
  @InstantField() created_at!: string;
  @InstantField() updated_at!: string;
}

export class ListDatasets extends PageQuery {
  @TextField({ optional: true, max: 120, example: 'bars', description: 'Part of name or identifier.' }) q?: string;
  @EnumField(['bronze', 'silver', 'gold'], { optional: true }) layer?: string;
  @TextField({ optional: true, max: 120, example: 'market.bars' }) domain?: string;
  @TextField({ optional: true, max: 80, example: 'alphaswarm' }) provider?: string;
  @TextField({ optional: true, max: 63, example: 'silver_market' }) namespace?: string;
  @TextField({ optional: true, max: 120, example: undefined }) tag?: string;
  @UuidField({ optional: true, example: undefined, description: 'Id of the owning scope.' }) owner?: string;
  @InstantField({ optional: true, example: undefined }) updated_since?: string;
}

export class DatasetView {
  @UuidField() id!: string;
  @TextField({ example: 'bars_daily' }) name!: string;
  @TextField({ example: 'alphaswarm' }) provider!: string;
  @TextField({ example: 'market.bars' }) domain!: string;
  @EnumField(['bronze', 'silver', 'gold'], { example: 'silver' }) layer!: string;
  @TextField({ nullable: true, example: null }) frequency!: string | null;
  @TextField({ example: 'silver_market.bars_daily' }) iceberg_identifier!: string;
  @IntegerField({ nullable: true, example: 1 }) latest_version!: number | null;
  @TextField({ nullable: true, example: '8217340987123456789' }) latest_snapshot_id!: string | null;
  @IntegerField({ nullable: true, example: 5105 }) latest_row_count!: number | null;
  @InstantField({ nullable: true, example: '2000-01-03T00:00:00Z' }) coverage_start!: string | null;
  @InstantField({ nullable: true, example: '2020-04-17T00:00:00Z' }) coverage_end!: string | null;
  @IntegerField({
    nullable: true,
    min: 0,
    example: 0,
    description: 'Sessions of its exchange that have closed since the newest bar.',
  })
  freshness!: number | null;
  @TextField({ nullable: true, example: null }) description!: string | null;
  @TextField({ each: true, example: [] }) tags!: string[];
  @ObjectField({ example: { kind: 'workspace', id: '018cc251-f400-7000-8000-0000000000aa' } }) owner!: Record<
    string,
    unknown
  >;
  @IntegerField({ min: 1, example: 1 }) row_version!: number;
  @InstantField() updated_at!: string;
}

export class DatasetVersionView {
  @UuidField() id!: string;
  @IntegerField({ min: 1, example: 1 }) version!: number;
  @TextField({ example: '8217340987123456789' }) snapshot_id!: string;
  @TextField({ nullable: true, example: null }) parent_snapshot_id!: string | null;
  @TextField({ example: 'append' }) operation!: string;
  @EnumField(['active', 'rolled_back', 'expired'], { example: 'active' }) status!: string;
  @TextField({ example: 'd0a8135a4c93e49ffb8c8f9642fb2840ff31d67bf7edd025e99688b84c638bc3' }) dataset_hash!: string;
  @InstantField({ nullable: true, example: '2000-01-03T00:00:00Z' }) start_time!: string | null;
  @InstantField({ nullable: true, example: '2020-04-17T00:00:00Z' }) end_time!: string | null;
  @IntegerField({ example: 5105 }) row_count!: number;
  @IntegerField({ example: 1 }) symbol_count!: number;
  @IntegerField({ example: 21 }) file_count!: number;
  @IntegerField({ example: 250000 }) bytes!: number;
  @IntegerField({ example: 0 }) schema_id!: number;
  @UuidField({ nullable: true }) run_id!: string | null;
  @InstantField() created_at!: string;
}
