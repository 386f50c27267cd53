import {
  BooleanField,
  DateField,
  EnumField,
  IntegerField,
  NestedField,
  NumberField,
  ObjectField,
  PageQuery,
  TextField,
  UuidField,
} from '#platform/http';
import type { PreparedBacktest } from '../backtest.runtime.ts';

const MAX_SEED = Number.MAX_SAFE_INTEGER;

export class ActionBody {
  @TextField({ max: 64, example: 'X.SIM' }) vt_symbol!: string;
  @DateField({ example: '2024-01-05' }) ex_date!: string;
  @EnumField(['split', 'dividend', 'rename', 'merger', 'delisting'], {
    example: 'split',
    description:
      'Splits and dividends need raw bars; the others stand beside every normalization. Of one date: dividend, ' +
      'split, rename, merger, delisting.',
  })
  type!: 'split' | 'dividend' | 'rename' | 'merger' | 'delisting';
  @NumberField({
    optional: true,
    example: 2,
    description:
      'New shares per old one: a split needs it; of a merger how many shares of `new_vt_symbol` one share becomes.',
  })
  ratio?: number;
  @NumberField({
    optional: true,
    example: 0.8,
    description:
      'Currency per share held before the ex-date, so before a split of the same day: a dividend needs it; of a ' +
      'merger what a share pays.',
  })
  amount?: number;
  @TextField({
    optional: true,
    max: 64,
    example: undefined,
    description: 'The symbol that the position becomes: a rename needs it, and a merger with a ratio.',
  })
  new_vt_symbol?: string;
}

export class InlineBarBody {
  @TextField({ max: 64, example: 'X.SIM' }) vt_symbol!: string;
  @TextField({
    max: 40,
    example: '2024-01-02',
    description:
      'Of a daily or weekly bar its session: a date, midnight with any offset, or its open or close. Of others ' +
      'the RFC 3339 instant of the open.',
  })
  time!: string;
  @NumberField({ example: 100 }) open!: number;
  @NumberField({ example: 102 }) high!: number;
  @NumberField({ example: 99 }) low!: number;
  @NumberField({ example: 101 }) close!: number;
  @NumberField({ nullable: true, optional: true, example: null, description: 'Null: unknown.' }) volume?: number | null;
}

/** The request's own market data. */
export class RequestDataBody {
  /** Documented here; the body reader takes the rows out and turns them into columns in a thread. */
  @NestedField(() => InlineBarBody, { each: { max: 100_000 }, optional: true }) inline?: InlineBarBody[];
  @NestedField(() => ActionBody, { each: { max: 10_000 }, optional: true }) actions?: ActionBody[];
  @ObjectField({
    optional: true,
    example: { 'X.SIM': { lot_size: 1 } },
    description:
      'Per symbol: lot_size, tick_size. A lot_size here wins over that of the recipe; without both it is 1, on ' +
      'BINANCE and COINBASE 1e-8.',
  })
  instruments?: Record<string, unknown>;
  @EnumField(['drop', 'clamp'], {
    optional: true,
    description:
      '`drop` leaves bad bars out; `clamp` moves a high or low to the open or close that it misses by at most ' +
      '1e-6 of itself. Both are counted in a warning.',
  })
  repair?: 'drop' | 'clamp';
}

/** A request that works as it stands. */
export const START_BACKTEST_EXAMPLE = {
  config: {
    strategy: {
      class: 'FrameworkAlgorithm',
      kwargs: {
        universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['X.SIM'] } },
        portfolio_model: {
          class: 'ScheduledTargets',
          kwargs: { targets: [{ time: '2024-01-02', vt_symbol: 'X.SIM', weight: 0.5 }] },
        },
      },
    },
    backtest: { engine: 'event', kwargs: { initial_cash: 100_000 } },
  },
  run_name: 'three bars',
  data: {
    inline: [
      { vt_symbol: 'X.SIM', time: '2024-01-02', open: 100, high: 102, low: 99, close: 101, volume: null },
      { vt_symbol: 'X.SIM', time: '2024-01-03', open: 101, high: 103, low: 100, close: 102, volume: null },
      { vt_symbol: 'X.SIM', time: '2024-01-04', open: 102, high: 104, low: 101, close: 103, volume: null },
    ],
  },
};

export class StartBacktestBody {
  @ObjectField({ description: 'Recipe document (trading.md 3.8).', example: START_BACKTEST_EXAMPLE.config })
  config!: Record<string, unknown>;
  @TextField({ optional: true, max: 120, name: true, example: 'Golden cross' }) run_name?: string;
  @IntegerField({ optional: true, min: 0, max: MAX_SEED, example: 42 }) seed?: number;
  @NestedField(() => RequestDataBody, { optional: true }) data?: RequestDataBody;
  @BooleanField({
    optional: true,
    example: false,
    description: 'Answer 200 with a completed run of the same run_hash where there is one.',
  })
  reuse?: boolean;
  /** Made by PrepareBacktestPipe. */
  declare prepared: PreparedBacktest;
}

export class TestStrategyBody {
  @IntegerField({
    optional: true,
    min: 1,
    max: 2_147_483_647,
    example: 1,
    description: 'Default: the current version.',
  })
  version?: number;
  @TextField({ optional: true, max: 64, example: 'event' }) engine?: string;
  @DateField({ optional: true, example: '2010-01-04' }) start?: string;
  @DateField({ optional: true, example: '2019-12-31' }) end?: string;
  @TextField({ optional: true, max: 4_000, example: 'ten years' }) notes?: string;
}

export class ListBacktests extends PageQuery {
  @EnumField(['queued', 'running', 'waiting_interrupt', 'completed', 'failed', 'cancelled'], { optional: true })
  status?: string;
  @UuidField({ optional: true }) strategy_id?: string;
}

export class TimelineQuery {
  @TextField({ max: 64, example: 'SPX.CBOE' }) vt_symbol!: string;
  @TextField({ optional: true, max: 4, description: "The run's own interval; default that." }) interval?: string;
  @IntegerField({ optional: true, min: 1, max: 5_000, example: 500 }) limit_bars = 500;
}

export class SignedReportQuery {
  @UuidField() org!: string;
  @IntegerField({ min: 0, example: 1_767_323_945 }) expires!: number;
  @TextField({
    min: 64,
    max: 64,
    pattern: /^[0-9a-f]{64}$/,
    example: '1d23c8a3a00e5b821e5ac0ef8a67184668b6547e09411191e1f2e5142e58a344',
  })
  signature!: string;
}
