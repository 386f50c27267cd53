import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock, DomainError, NotFoundError } from '#kernel';
import { type RequestContext, systemContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { SIGNING_KEY } from '#platform/http';
import { Threads } from '#platform/threads';
import { calendarFor } from '#quant/calendars';
import { periodsPerYear } from '#quant/metrics';
import { ArtifactReader } from './artifact-reader.ts';
import { BacktestInputs, universeOf } from './backtest-inputs.ts';
import { BacktestViewsService } from './backtest-views.service.ts';
import { BacktestsRepository } from './backtests.repository.ts';
import type { BacktestDetail } from './dto/backtest.views.ts';
import type { PlotFigure, PlotKind } from './report/index.ts';
import type { ReportTask } from './report/report-thread.ts';

// The sources run as .ts under Jest and as .js from dist.
const REPORT_THREAD = new URL(`./report/report-thread${import.meta.url.slice(-3)}`, import.meta.url);
const LINK_LIFETIME_MS = 15 * 60_000;

/** Draws tear sheets and plots of completed runs, and signs addresses of them for browsers. */
@Injectable()
export class ReportService {
  /** A completed run never changes, so neither does its page. */
  readonly #pages = new LRUCache<string, string>({ max: 16 });

  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly views: BacktestViewsService,
    private readonly backtests: BacktestsRepository,
    private readonly inputs: BacktestInputs,
    private readonly reader: ArtifactReader,
    private readonly threads: Threads,
    @Inject(SIGNING_KEY) private readonly key: Uint8Array,
  ) {}

  /** One self-contained HTML page. Throws 409 `run_not_completed`. */
  async tearSheet(ctx: RequestContext, id: string): Promise<string> {
    const detail = await this.views.detail(ctx, id);
    const cached = this.#pages.get(id);
    if (cached !== undefined) return cached;
    const page = await this.threads.run<string>(REPORT_THREAD, await this.#task(ctx, detail, 'tear-sheet'), {
      lane: 'interactive',
    });
    this.#pages.set(id, page);
    return page;
  }

  async plot(ctx: RequestContext, id: string, kind: PlotKind): Promise<PlotFigure> {
    return this.threads.run<PlotFigure>(REPORT_THREAD, await this.#task(ctx, await this.views.detail(ctx, id), kind), {
      lane: 'interactive',
    });
  }

  /** Path and end of a signed, read-only address of this one report. */
  async link(
    ctx: RequestContext,
    id: string,
    lifetimeMs = LINK_LIFETIME_MS,
  ): Promise<{ path: string; expiresAt: Date }> {
    assertReportable(await this.views.detail(ctx, id));
    const expires = Math.floor((this.clock.now() + lifetimeMs) / 1_000);
    const signature = this.#sign(id, ctx.orgId ?? '', expires).toString('hex');
    return {
      path: `/backtests/${id}/report/view?org=${ctx.orgId}&expires=${expires}&signature=${signature}`,
      expiresAt: new Date(expires * 1_000),
    };
  }

  /** The page behind a signed address. A wrong, changed or expired one is 404, like an unknown run. */
  async signedTearSheet(
    id: string,
    link: { org: string; expires: number; signature: string },
    requestId: string,
  ): Promise<string> {
    const expected = this.#sign(id, link.org, link.expires);
    const given = Buffer.from(link.signature, 'hex');
    if (
      given.length !== expected.length ||
      !timingSafeEqual(given, expected) ||
      link.expires * 1_000 <= this.clock.now()
    )
      throw new NotFoundError();
    return this.tearSheet(systemContext('report-link', requestId, { orgId: link.org }), id);
  }

  #sign(id: string, orgId: string, expires: number): Buffer {
    return createHmac('sha256', this.key).update(`backtest-report\n${id}\n${orgId}\n${expires}`).digest();
  }

  async #task(ctx: RequestContext, detail: BacktestDetail, page: ReportTask['page']): Promise<ReportTask> {
    assertReportable(detail);
    const order = await this.tx.run(ctx, () => this.backtests.order(detail.id));
    if (!order) throw new NotFoundError();
    const { kwargs } = order.recipe.backtest;
    const universe = universeOf(order.recipe);
    const calendar = kwargs.calendar ?? universe[0]?.slice(universe[0].lastIndexOf('.') + 1) ?? 'SIM';
    const [equity, roundTrips, comparison] = await Promise.all([
      this.reader.find(ctx, detail.id, 'equity'),
      this.reader.find(ctx, detail.id, 'round_trips'),
      this.reader.findKept(ctx, detail.id, 'comparison'),
    ]);
    return {
      page,
      meta: {
        run: {
          id: detail.id,
          name: detail.run_name,
          status: detail.status,
          engine: detail.engine,
          engine_version: detail.engine_version ?? '',
          seed: detail.seed,
          currency: detail.currency,
          interval: detail.interval,
          start: detail.start,
          end: detail.end,
          initial_cash: detail.initial_cash,
          completed_at: detail.completed_at,
          symbols: universe,
          first_decision: detail.first_decision,
          calendar,
          metrics_freq: kwargs.metrics_freq,
          risk_free: kwargs.risk_free,
          sessions_per_year: periodsPerYear(calendarFor(calendar), {
            interval: kwargs.interval,
            metrics_freq: 'session',
          }),
        },
        hashes: {
          spec_hash: detail.spec_hash,
          dataset_hash: detail.dataset_hash,
          run_hash: detail.run_hash,
          event_log_hash: detail.event_log_hash,
          context_hash: detail.context_hash,
        },
        recipe: { ...order.recipe },
        metrics: detail.metrics ?? {},
        warnings: detail.warnings.map((warning) => ({ ...warning })),
      },
      benchmark: kwargs.benchmark,
      equity: await this.reader.bytes(equity),
      roundTrips: await this.reader.bytes(roundTrips),
      compared: comparison
        ? { comparison: await this.reader.bytes(comparison) }
        : { ranOn: await this.inputs.load(ctx, order) },
    };
  }
}

/** Throws 409 `run_not_completed` for a run without results of its own. */
function assertReportable({ status, parent_kind, parent_id }: BacktestDetail): void {
  if (status === 'completed' && parent_kind !== 'replay') return;
  const detail =
    parent_kind === 'replay'
      ? `A replay has no report of its own; see that of run ${parent_id}.`
      : 'There is no report: the run is not completed.';
  throw new DomainError(409, 'run_not_completed', { detail });
}
