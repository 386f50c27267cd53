import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { WorkspaceContext } from '#platform/context';
import {
  type Comparison,
  LakeReader,
  type PinnedTable,
  type TableName,
  type TextColumn,
  textRuns,
} from '#platform/lake';
import type { Interval } from '#quant/bars';
import type { BarTable } from '#quant/market-data';

/**
 * All stored bars of one symbol and interval in a snapshot: one row per time, the newest revision of the preferred
 * source.
 */
export interface StoredBars {
  readonly vtSymbol: string;
  readonly table: BarTable;
  /** Empty where only prices were read. */
  readonly source: TextColumn;
  readonly revision: Float64Array;
}

const NO_SOURCE: TextColumn = { names: [], codes: new Uint32Array(0) };
const CACHE_BYTES = 128 * 1024 ** 2;
const BYTES_PER_BAR = 96;
const PRICES = ['vt_symbol', 'timestamp', 'session_date', 'open', 'high', 'low', 'close', 'volume'];
const DETAILS = ['vwap', 'trade_count', 'source_id', 'revision'];
const NUMBERS = [
  'timestamp',
  'session_date',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'trade_count',
  'revision',
];

export function barTableOf(interval: Interval): TableName {
  return { namespace: 'silver_market', table: interval === '1d' || interval === '1w' ? 'bars_daily' : 'bars_intraday' };
}

/** Bars of the caller's workspace out of the lake. Snapshots never change, so what was read of one stays true. */
@Injectable()
export class StoredBarsReader {
  readonly #cache = new LRUCache<string, StoredBars>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ table }) => 1_024 + table.time.length * BYTES_PER_BAR,
  });

  constructor(private readonly lake: LakeReader) {}

  pin(ctx: WorkspaceContext, interval: Interval, snapshotId?: string): Promise<PinnedTable | null> {
    return this.lake.pin(ctx, barTableOf(interval), snapshotId);
  }

  /** One symbol, cached. */
  async one(
    ctx: WorkspaceContext,
    pinned: PinnedTable | null,
    vtSymbol: string,
    interval: Interval,
    asKnownAt?: number,
  ): Promise<StoredBars> {
    if (!pinned) return emptyBars(vtSymbol);
    const key = [
      ctx.workspaceId,
      pinned.table.uuid,
      pinned.snapshotId,
      vtSymbol,
      interval,
      asKnownAt ?? '',
      pinned.sourcePriority.join(),
    ].join('|');
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const [bars = emptyBars(vtSymbol)] = await this.read(ctx, pinned, [vtSymbol], interval, { asKnownAt });
    this.#cache.set(key, bars);
    return bars;
  }

  /**
   * Many symbols at once, in code-point order; those without bars are left out. `prices` leaves vwap, trade counts and
   * provenance unread.
   */
  async read(
    ctx: WorkspaceContext,
    pinned: PinnedTable | null,
    vtSymbols: readonly string[],
    interval: Interval,
    options: { where?: readonly Comparison[]; asKnownAt?: number | undefined; prices?: boolean } = {},
  ): Promise<StoredBars[]> {
    if (!pinned || vtSymbols.length === 0) return [];
    const { where = [], asKnownAt, prices = false } = options;
    const rows = await this.lake.read(ctx, pinned, {
      columns: prices ? PRICES : [...PRICES, ...DETAILS],
      texts: ['vt_symbol', 'source_id'],
      current: true,
      orderBy: [{ column: 'vt_symbol' }, { column: 'timestamp' }],
      ...(asKnownAt === undefined ? {} : { asKnownAt }),
      where: [
        { column: 'vt_symbol', op: 'in', value: vtSymbols },
        { column: 'interval', op: '=', value: interval },
        ...where,
      ],
    });
    const numbers = new Map(
      NUMBERS.filter((name) => !prices || PRICES.includes(name)).map((name) => [name, rows.numbers(name)]),
    );
    const sources = prices ? NO_SOURCE : rows.texts('source_id');
    return textRuns(rows.texts('vt_symbol')).map(({ value, from, to }) => {
      // Views, not copies: what threads shall share stays shared.
      const part = (name: string): Float64Array =>
        numbers.get(name)?.subarray(from, to) ?? new Float64Array(to - from).fill(Number.NaN);
      return {
        vtSymbol: value,
        source: { names: sources.names, codes: sources.codes.subarray(from, to) },
        revision: part('revision'),
        table: {
          time: part('timestamp'),
          sessionDay: part('session_date'),
          open: part('open'),
          high: part('high'),
          low: part('low'),
          close: part('close'),
          volume: part('volume'),
          vwap: part('vwap'),
          tradeCount: part('trade_count'),
        },
      };
    });
  }
}

/** `source_id` of rows `from` (inclusive) to `to` (exclusive). */
export function sourceNames({ source: { names, codes } }: StoredBars, from: number, to: number): string[] {
  return Array.from(codes.subarray(from, to), (code) => names[code]!);
}

export function emptyBars(vtSymbol: string): StoredBars {
  const none = new Float64Array(0);
  return {
    vtSymbol,
    source: NO_SOURCE,
    revision: none,
    table: {
      time: none,
      sessionDay: none,
      open: none,
      high: none,
      low: none,
      close: none,
      volume: none,
      vwap: none,
      tradeCount: none,
    },
  };
}
