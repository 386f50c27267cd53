import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DomainError, NotFoundError, ValidationError } from '#kernel';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { CursorCodec, type Page, type PageQuery } from '#platform/http';
import { ArtifactReader } from './artifact-reader.ts';
import { BacktestInputs } from './backtest-inputs.ts';
import { BacktestViewsService } from './backtest-views.service.ts';
import { BacktestsRepository } from './backtests.repository.ts';
import type { TimelineQuery } from './dto/backtest.requests.ts';
import type { ArtifactKind } from './engine/encode-artifacts.ts';
import { type DecimalProfile, presentBar, presentRow } from './present-row.ts';

/** Equity, what it is compared with, and events ascend; everything else is newest first (trading.md 4). */
const ASCENDING: ReadonlySet<ArtifactKind> = new Set(['equity', 'comparison', 'event_log']);

/** Rows of finished runs. */
@Injectable()
export class BacktestResultsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly reader: ArtifactReader,
    private readonly views: BacktestViewsService,
    private readonly inputs: BacktestInputs,
    private readonly backtests: BacktestsRepository,
    private readonly cursors: CursorCodec,
  ) {}

  async page(
    ctx: RequestContext,
    id: string,
    kind: ArtifactKind,
    query: PageQuery,
    profile: DecimalProfile,
  ): Promise<Page<Record<string, unknown>>> {
    const page = this.cursors.page(ctx, `backtests/${id}/${kind}`, query);
    const artifact = await this.reader.find(ctx, id, kind);
    // A finished run never changes, so the number of rows already seen is a stable position.
    const seen = Number(page.after?.[0] ?? 0);
    const end = Math.min(seen + page.limit + 1, artifact.rows);
    const rows = ASCENDING.has(kind)
      ? await this.reader.slice(artifact, seen, end)
      : (await this.reader.slice(artifact, artifact.rows - end, artifact.rows - seen)).reverse();
    const last = seen + Math.min(rows.length, page.limit);
    return page.of(
      rows.map((row) => presentRow(kind, id, row, profile)),
      () => [last],
    );
  }

  /** Every row in the order of the JSON pages. */
  async stream(ctx: RequestContext, id: string, kind: ArtifactKind, profile: DecimalProfile): Promise<Readable> {
    const artifact = await this.reader.find(ctx, id, kind);
    const lines = this.reader.lines(artifact);
    const show = (line: string): string =>
      `${JSON.stringify(presentRow(kind, id, JSON.parse(line) as Record<string, unknown>, profile))}\n`;
    if (ASCENDING.has(kind)) return Readable.from(mapLines(lines, show));
    const newestFirst: string[] = [];
    for await (const line of lines) newestFirst.push(line);
    newestFirst.reverse();
    return Readable.from(mapLines(newestFirst, show));
  }

  /** The log exactly as it was chained. */
  async events(ctx: RequestContext, id: string): Promise<{ hash: string | null; stream: Readable }> {
    const summary = await this.views.summary(ctx, id);
    if (summary.status === 'completed' && summary.event_log_hash === null) {
      throw new DomainError(409, 'event_log_partial', { detail: 'The run was asked to keep no event log.' });
    }
    const artifact = await this.reader.find(ctx, id, 'event_log');
    return {
      hash: summary.event_log_hash,
      stream: Readable.from(mapLines(this.reader.lines(artifact), (line) => `${line}\n`)),
    };
  }

  /** The newest `limit_bars` bars of a symbol, and the signals, orders and fills from the first of them on. */
  async timeline(
    ctx: RequestContext,
    id: string,
    query: TimelineQuery,
    profile: DecimalProfile,
  ): Promise<Record<string, unknown>> {
    const order = await this.tx.run(ctx, () => this.backtests.order(id));
    if (!order) throw new NotFoundError();
    const { interval } = order.recipe.backtest.kwargs;
    if (query.interval !== undefined && query.interval !== interval) {
      throw new ValidationError([
        { pointer: 'query:interval', code: 'interval', message: `the run has bars of ${interval} only` },
      ]);
    }
    const runId = order.parentKind === 'replay' && order.parentId ? order.parentId : id;
    const series = await this.inputs.tail(
      ctx,
      { ...order, id: runId },
      query.vt_symbol.toUpperCase(),
      query.limit_bars,
    );
    if (!series)
      throw new ValidationError([
        { pointer: 'query:vt_symbol', code: 'unknown_symbol', message: 'is not a symbol of this run' },
      ]);
    const from = Math.max(0, series.time.length - query.limit_bars);
    const since = { id: runId, vtSymbol: series.vtSymbol, first: series.time[from] ?? 0, profile };
    return {
      vt_symbol: series.vtSymbol,
      interval,
      bars: Array.from({ length: series.time.length - from }, (_, offset) =>
        presentBar(series, from + offset, profile),
      ),
      signals: await this.#rowsSince(ctx, 'signals', 'ts', since),
      orders: await this.#rowsSince(ctx, 'orders', 'submitted_at', since),
      fills: await this.#rowsSince(ctx, 'fills', 'ts', since),
    };
  }

  async #rowsSince(
    ctx: RequestContext,
    kind: ArtifactKind,
    time: string,
    { id, vtSymbol, first, profile }: { id: string; vtSymbol: string; first: number; profile: DecimalProfile },
  ): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    for await (const line of this.reader.lines(await this.reader.find(ctx, id, kind))) {
      const row = JSON.parse(line) as Record<string, unknown>;
      if (row['vt_symbol'] === vtSymbol && Date.parse(String(row[time])) >= first)
        rows.push(presentRow(kind, id, row, profile));
    }
    return rows;
  }
}

async function* mapLines(
  lines: AsyncIterable<string> | Iterable<string>,
  show: (line: string) => string,
): AsyncGenerator<string> {
  for await (const line of lines) yield show(line);
}
