import { Injectable } from '@nestjs/common';
import { ValidationError } from '#kernel';
import type { RequestContext } from '#platform/context';
import { CursorCodec } from '#platform/http';
import { BarThreads } from './bar-threads.ts';
import { BarsService, type GatheredBars } from './bars.service.ts';
import type { BarsQuery } from './dto/bars.requests.ts';
import type { SelectedPage } from './select-bars.ts';

export const MAX_JSON_BARS = 10_000;

export interface BarPage extends GatheredBars, SelectedPage {
  readonly nextCursor: string | null;
}

/**
 * Pages of bars, every page ascending. With `start` they go from the oldest on; without, the first page holds the
 * newest bars and the cursor leads to older ones (data.md 14, B1).
 */
@Injectable()
export class BarPages {
  constructor(
    private readonly bars: BarsService,
    private readonly threads: BarThreads,
    private readonly cursors: CursorCodec,
  ) {}

  async page(ctx: RequestContext, symbol: string, query: BarsQuery, format: string): Promise<BarPage> {
    if (format === 'json' && query.limit > MAX_JSON_BARS)
      throw new ValidationError([
        {
          pointer: 'query:limit',
          code: 'max',
          message: `must not be greater than ${MAX_JSON_BARS} for json; ndjson, csv and arrow take up to 50000`,
        },
      ]);
    const { format: _, ...filters } = query;
    const request = this.cursors.page(ctx, `data/${symbol}/bars`, filters as BarsQuery);
    const gathered = await this.bars.gather(ctx, symbol, query);
    const page = await this.threads.page(gathered.selection, {
      forwards: query.start !== undefined,
      after: request.after === null ? null : Number(request.after[0]),
      limit: query.limit,
    });
    // The codec signs the key of the last row of a page that has one row too many.
    const { next_cursor } = request.of(
      page.nextAfter === null ? [] : Array.from({ length: query.limit + 1 }, () => page.nextAfter!),
      (key) => [key],
    );
    return { ...gathered, ...page, nextCursor: next_cursor };
  }
}
