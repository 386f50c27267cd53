import { InstantField, IntegerField, NestedField, TextField } from '#platform/http';

export class DescribedBars {
  @TextField({ example: 'SPX.CBOE' }) vt_symbol!: string;
  @TextField({ example: '1d' }) interval!: string;
  @IntegerField({ example: 5105 }) bars!: number;
  @InstantField({ example: '2000-01-03T00:00:00Z' }) first_bar!: string;
  @InstantField({ example: '2020-04-17T00:00:00Z' }) last_bar!: string;
}

export class DatasetCoverage {
  @TextField({ example: 'silver_market.bars_daily' }) iceberg_identifier!: string;
  @TextField({ example: '1d' }) interval!: string;
  @IntegerField({ example: 5105 }) row_count!: number;
  @InstantField({ example: '2000-01-03T00:00:00Z' }) coverage_start!: string;
  @InstantField({ example: '2020-04-17T00:00:00Z' }) coverage_end!: string;
  @IntegerField({ example: 1 }) latest_version!: number;
}

export class CoverageView {
  @TextField({ example: 'SPX.CBOE' }) vt_symbol!: string;
  @NestedField(() => DatasetCoverage, { each: true }) datasets!: DatasetCoverage[];
}
