import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import { type BarsRead, BarsReader } from '#areas/data';
import { BacktestConfig } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { BarSeries } from '#quant/bars';
import type { NormalisedRecipe } from '#quant';
import type { BacktestOrder } from './backtest-run.ts';
import { BacktestsRepository } from './backtests.repository.ts';
import { packBars, unpackBars } from './engine/pack-bars.ts';
import type { PackedInput } from './engine/engine-thread.ts';

/** Gathers everything the engine reads for a run: from the request's own bars, or from the warehouse. */
@Injectable()
export class BacktestInputs {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly backtests: BacktestsRepository,
    private readonly bars: BarsReader,
    private readonly config: BacktestConfig,
  ) {}

  async load(ctx: RequestContext, order: BacktestOrder): Promise<PackedInput> {
    const base = { recipe: order.recipe, specHash: order.specHash, seed: order.seed };
    if (order.dataSource === 'inline') {
      const input = await this.tx.run(ctx, () => this.backtests.input(order.id));
      if (!input) throw new Error(`backtest ${order.id} has lost its bars`);
      const benchmark = benchmarkOf(order.recipe);
      return {
        ...base,
        bars: input.bars,
        benchmark: benchmark === null ? null : packOne(unpackBars(input.bars, [benchmark]), benchmark),
        actions: input.actions,
        instruments: input.instruments,
      };
    }
    return { ...base, ...(await this.#warehouse({ ...ctx, workspaceId: order.workspaceId }, order.recipe)) };
  }

  /**
   * The newest `rows` bars of one symbol of a run; null when the run has no such symbol. Only these are read of the
   * bars that came with a request.
   */
  async tail(ctx: RequestContext, order: BacktestOrder, vtSymbol: string, rows: number): Promise<BarSeries | null> {
    const { interval, normalization, end } = order.recipe.backtest.kwargs;
    if (order.dataSource === 'inline')
      return this.tx.run(ctx, () => this.backtests.inputTail(order.id, vtSymbol, rows));
    if (!universeOf(order.recipe).includes(vtSymbol)) return null;
    const { series } = await this.bars.read(
      { ...ctx, workspaceId: order.workspaceId },
      { vtSymbols: [vtSymbol], interval, normalization, end },
    );
    return series[0] ?? null;
  }

  async #warehouse(
    ctx: RequestContext,
    recipe: NormalisedRecipe,
  ): Promise<Pick<PackedInput, 'bars' | 'benchmark' | 'actions' | 'instruments' | 'readWarnings'>> {
    const { interval, normalization, end } = recipe.backtest.kwargs;
    const benchmark = benchmarkOf(recipe);
    const universe = universeOf(recipe);
    const read = await this.bars.read(ctx, {
      vtSymbols: benchmark ? [...new Set([...universe, benchmark])] : universe,
      interval,
      normalization,
      end,
    });
    const rows = read.series.reduce((total, series) => total + series.time.length, 0);
    if (rows > this.config.maxRows) {
      throw new DomainError(422, 'budget_exceeded', {
        detail: `The run would read ${rows} bars; at most ${this.config.maxRows} are allowed.`,
      });
    }
    return {
      bars: packBars(read.series.filter((series) => universe.includes(series.vtSymbol))),
      benchmark: packOne(read.series, benchmark),
      actions: read.actions,
      instruments: read.instruments,
      readWarnings: read.skipped.map(({ vtSymbol, code, count, exDate }) => ({
        code,
        message: SKIPPED[code],
        vt_symbol: vtSymbol,
        count,
        example: exDate,
      })),
    };
  }
}

const SKIPPED: Readonly<Record<BarsRead['skipped'][number]['code'], string>> = {
  dividend_without_close: 'A dividend with no close before it adjusts no price.',
  dividend_currency: "A dividend in another currency than the symbol's has no effect.",
  dividend_exceeds_price: 'A dividend of the whole price or more adjusts no price.',
};

/** Symbols that the recipe can ever trade. */
export function universeOf(recipe: NormalisedRecipe): string[] {
  const { symbols } = recipe.strategy.kwargs.universe_model.kwargs as { symbols?: string[] };
  return symbols ?? [];
}

function benchmarkOf(recipe: NormalisedRecipe): string | null {
  return recipe.backtest.kwargs.benchmark;
}

function packOne(series: readonly BarSeries[], vtSymbol: string | null): Uint8Array | null {
  const found = series.find((candidate) => candidate.vtSymbol === vtSymbol);
  return found ? packBars([found]) : null;
}
