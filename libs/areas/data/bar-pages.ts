import { Injectable } from '@nestjs/common';
import { ValidationError } from '#kernel';
import type { RequestContext } from '#platform/context';
import { CursorCodec } from '#platform/http';
import { lowerBound } from '#quant/market-data';
import { BarsService, type SelectedBars } from './bars.service.ts';
import type { BarsQuery } from './dto/bars.requests.ts';

export const MAX_JSON_BARS = 10_000;

export interface BarPage extends SelectedBars {
  readonly nextCursor: string | null;
}

/**
 * Pages of bars, every page ascending. With `start` they go from the oldest on; without, the first page holds the newest bars and the cursor leads
 * to older ones (data.md 14, B1).
 */
@Injectable()
export class BarPages {
  readonly #bars: BarsService;
  readonly #cursors: CursorCodec;

  constructor(bars: BarsService, cursors: CursorCodec) {
    this.#bars = bars;
    this.#cursors = cursors;
  }

  async page(ctx: RequestContext, symbol: string, query: BarsQuery, format: string): Promise<BarPage> {
    if (format === 'json' && query.limit > MAX_JSON_BARS)
      throw new ValidationError([{ pointer: 'query:limit', code: 'max', message: `must not be greater than ${MAX_JSON_BARS} for json; ndjson, csv and arrow take up to 50000` }]);
    const { format: _, ...filters } = query;
    const request = this.#cursors.page(ctx, `data/${symbol}/bars`, filters as BarsQuery);
    const seen = request.after === null ? null : Number(request.after[0]);
    const selected = await this.#bars.select(ctx, symbol, query);
    const { time } = selected.table;
    const forwards = query.start !== undefined;
    let { from, to } = selected;
    if (seen !== null && forwards) from = Math.max(from, lowerBound(time, seen + 0.0005));
    if (seen !== null && !forwards) to = Math.min(to, lowerBound(time, seen));
    const more = to - from > query.limit;
    if (more && forwards) to = from + query.limit;
    if (more && !forwards) from = to - query.limit;
    const last = forwards ? time[to - 1] : time[from];
    // The codec signs the key of the last row of a page that has one row too many.
    const { next_cursor } = request.of(more ? Array.from({ length: query.limit + 1 }, () => last!) : [], (key) => [key]);
    return { ...selected, from, to, nextCursor: next_cursor };
  }
}
