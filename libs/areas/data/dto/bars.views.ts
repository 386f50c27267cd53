import { BooleanField, DateField, IntegerField, NestedField, NumberField, TextField } from '#platform/http';

export class BarView {
  @TextField({ example: '2020-04-17T00:00:00Z' }) timestamp!: string;
  @DateField({ example: '2020-04-17' }) session_date!: string;
  @NumberField({ nullable: true, example: 2842.43 }) open!: number | null;
  @NumberField({ nullable: true, example: 2879.22 }) high!: number | null;
  @NumberField({ nullable: true, example: 2830.88 }) low!: number | null;
  @NumberField({ nullable: true, example: 2874.56 }) close!: number | null;
  @NumberField({ nullable: true, example: 5792140000 }) volume!: number | null;
  @NumberField({ nullable: true, example: null }) vwap!: number | null;
  @NumberField({ nullable: true, example: null }) trade_count!: number | null;
  @TextField({ optional: true, example: 'upload' }) source_id?: string;
  @IntegerField({ optional: true, example: 1 }) revision?: number;
  @BooleanField({ optional: true, example: undefined, description: 'Cut by the end of its session, or not over yet.' })
  partial?: true;
  @BooleanField({ optional: true, example: undefined, description: 'Not stored: filled in.' }) filled?: true;
}

export class AdjustmentBasis {
  @IntegerField({ example: 0, description: 'Actions that changed prices.' }) actions!: number;
  @TextField({ example: '2026-01-02T03:04:05Z' }) as_of!: string;
}

export class BarsWarning {
  @TextField({ example: 'dividend_currency' }) code!: string;
  @DateField({ optional: true, description: 'Of the corporate action that changed no price.' }) ex_date?: string;
  @IntegerField({
    optional: true,
    min: 1,
    example: undefined,
    description: 'With off_session: stored bars of the range that `session` leaves out.',
  })
  count?: number;
}

export class BarsView {
  @TextField({ example: 'SPX.CBOE' }) vt_symbol!: string;
  @TextField({ example: '1d' }) interval!: string;
  @TextField({ example: 'adjusted' }) normalization!: string;
  @IntegerField({ example: 1 }) count!: number;
  @NestedField(() => BarView, { each: true }) bars!: BarView[];
  @TextField({ nullable: true, example: '8217340987123456789' }) snapshot_id!: string | null;
  @NestedField(() => AdjustmentBasis) adjustment_basis!: AdjustmentBasis;
  @NestedField(() => BarsWarning, { each: true, example: [] }) warnings!: BarsWarning[];
  @TextField({ nullable: true, example: null }) next_cursor!: string | null;
}

export class GapRangeView {
  @TextField({ example: '2024-01-04' }) start!: string;
  @TextField({ example: '2024-01-04' }) end!: string;
  @IntegerField({ example: 1 }) count!: number;
}

export class BarStatsView {
  @TextField({ example: 'SPX.CBOE' }) vt_symbol!: string;
  @TextField({ example: '1d' }) interval!: string;
  @IntegerField({ example: 5105 }) bar_count!: number;
  @TextField({ nullable: true, example: '2000-01-03T00:00:00Z' }) first_bar!: string | null;
  @TextField({ nullable: true, example: '2020-04-17T00:00:00Z' }) last_bar!: string | null;
  @IntegerField({ example: 5105 }) expected!: number;
  @IntegerField({ example: 0 }) missing!: number;
  @TextField({ each: true, example: [] }) gaps!: string[];
  @NestedField(() => GapRangeView, { each: true, example: [] }) gap_ranges!: GapRangeView[];
  @IntegerField({ example: 0 }) duplicates!: number;
  @IntegerField({ example: 0 }) zero_volume!: number;
  @IntegerField({ example: 29 }) outliers!: number;
  @NumberField({ nullable: true, example: 0.0001333743 }) return_mean!: number | null;
  @NumberField({ nullable: true, example: 0.0125498445 }) return_vol!: number | null;
  @IntegerField({ nullable: true, example: 0, description: 'Sessions that the newest bar lies behind.' }) freshness!:
    number | null;
  @TextField({ nullable: true, example: '8217340987123456789' }) snapshot_id!: string | null;
}
