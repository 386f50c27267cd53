import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { METRIC_GROUPS } from './metric-catalogue.ts';
import { renderTearSheet } from './render-tear-sheet.ts';
import { DAY, equityColumns, roundTrip, tearSheetInput } from './testing/tear-sheet-builder.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&`;
const ALL_KEYS = METRIC_GROUPS.flatMap((group) => group.entries.map((entry) => entry.key));

/** Text of the page as a reader meets it. */
function text(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<svg[\s\S]*?<\/svg>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** Value of a row of the metrics table. */
function metricCell(page: string, label: string): string | undefined {
  const table = page.slice(page.indexOf('id="metrics"'));
  return new RegExp(`<th scope="row">${label}(?:<span[^>]*>[^<]*</span>)?</th><td class="num">([^<]*)</td>`).exec(
    table,
  )?.[1];
}

describe('renderTearSheet', () => {
  it('shows figures against a benchmark only where there are some', () => {
    expect(text(renderTearSheet(tearSheetInput()))).not.toContain('Against the benchmark');
    const page = renderTearSheet(tearSheetInput({ metrics: { ...tearSheetInput().metrics, beta: 0.5 } }));
    expect([metricCell(page, 'Beta'), metricCell(page, 'Alpha')]).toEqual(['0.50', '–']);
  });

  it('says how long the bars are, and prints the recipe in reading order, however it was stored', () => {
    const { run, recipe } = tearSheetInput();
    const page = renderTearSheet(
      tearSheetInput({
        run: { ...run, interval: '5m' },
        recipe: { backtest: recipe['backtest'], strategy: recipe['strategy'] },
      }),
    );
    expect(text(page)).toContain('Bars 5 minutes');
    expect(page).toContain('<pre>strategy:\n  class: FrameworkAlgorithm\n  kwargs:\n');
    expect(page.slice(page.indexOf('<pre>'))).toBe(
      renderTearSheet(tearSheetInput()).slice(renderTearSheet(tearSheetInput()).indexOf('<pre>')),
    );
  });

  it('is one document that loads nothing and runs nothing', () => {
    const page = renderTearSheet(tearSheetInput());
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain('<meta charset="utf-8">');
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(page).not.toMatch(/<script|<iframe|<object|<embed|<img|javascript:|\son\w+=/i);
    expect(page).not.toMatch(/https?:\/\//i);
    expect(page).not.toMatch(/@import|url\((?!#)/);
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(page.match(/ href="[^"]*"/g)).toEqual([' href="data:,"']);
  });

  it('escapes whatever a user may have written', () => {
    const input = tearSheetInput();
    const page = renderTearSheet({
      ...input,
      run: {
        ...input.run,
        name: HOSTILE,
        status: HOSTILE,
        engine: HOSTILE,
        engine_version: HOSTILE,
        currency: HOSTILE,
        interval: HOSTILE,
        id: HOSTILE,
        symbols: [HOSTILE],
      },
      recipe: { description: HOSTILE, [HOSTILE]: HOSTILE, note: `</pre>${HOSTILE}` },
      metrics: { ...input.metrics, [HOSTILE]: 1 },
      warnings: [HOSTILE, { code: HOSTILE, message: HOSTILE, [HOSTILE]: { deep: HOSTILE } }],
      benchmark: { label: HOSTILE, ts: input.equity.ts, value: input.equity.equity, metrics: { sharpe: 1 } },
      roundTrips: [roundTrip({ vt_symbol: HOSTILE, direction: HOSTILE })],
      hashes: { ...input.hashes, run_hash: HOSTILE },
    });
    expect(page).not.toMatch(/<script|<img/i);
    expect(page.match(/&lt;script&gt;/g)!.length).toBeGreaterThan(14);
    expect(page).toContain('&quot;&gt;&lt;script&gt;');
  });

  it('shows a dash for every metric that is null, absent or not finite, and never a zero', () => {
    const nothing = Object.fromEntries(ALL_KEYS.map((key, i) => [key, [null, NaN, Infinity][i % 3]!]));
    for (const metrics of [nothing, {}]) {
      const page = renderTearSheet(tearSheetInput({ metrics, roundTrips: [] }));
      for (const { optional, entries } of METRIC_GROUPS)
        for (const { label } of entries) expect(metricCell(page, label)).toBe(optional ? undefined : '–');
      expect(page).not.toMatch(/NaN|Infinity|undefined|\bnull\b/);
      const tiles = /<dl class="tiles">[\s\S]*?<\/dl>/.exec(page)![0];
      expect(tiles.match(/<dd[^>]*>–<\/dd>/g)).toHaveLength(12);
    }
  });

  it('prints every metric of the catalogue in its own format', () => {
    const page = renderTearSheet(
      tearSheetInput({
        metrics: {
          total_return: 0.0182673501,
          sharpe: 2.0396745219,
          max_drawdown: -0.0460166736,
          max_drawdown_duration: 1205,
          final_equity: 101826.73501,
          win_rate: 0,
          n_trades: 84,
          brand_new: 1.25,
        },
      }),
    );
    expect(metricCell(page, 'Total return')).toBe('1.83%');
    expect(metricCell(page, 'Sharpe ratio')).toBe('2.04');
    expect(metricCell(page, 'Maximum drawdown')).toBe('−4.60%');
    expect(metricCell(page, 'Longest drawdown')).toBe('1,205');
    expect(metricCell(page, 'Final equity')).toBe('101,826.74');
    expect(metricCell(page, 'Win rate')).toBe('0.00%');
    expect(metricCell(page, 'Fills')).toBe('84');
    expect(metricCell(page, 'brand_new')).toBe('1.25');
  });

  describe('the yearly rates of a run shorter than a month', () => {
    const metrics = {
      total_return: 0.0182673501,
      cagr: 0.6600872862,
      calmar: 14.3445241692,
      cost_drag: 0.02,
      sharpe: 2.0396745219,
    };
    const page = (returns: number, changes: object = {}): string =>
      renderTearSheet(
        tearSheetInput({
          metrics,
          run: { ...tearSheetInput().run, ...changes },
          equity: equityColumns(returns + 1, (row) => 100 + row, 'interval' in changes ? 7 * DAY : DAY),
        }),
      );

    it.each([
      ['252 a year', 20, 21, {}],
      ['365 a year', 30, 31, { sessions_per_year: 365 }],
      ['weeks', 4, 5, { sessions_per_year: 52, interval: '1w' }],
    ] as const)('are a dash with its reason below a twelfth of a year: %s', (_, short, long, changes) => {
      const few = page(short, changes);
      for (const label of ['CAGR', 'Calmar ratio', 'Cost drag'])
        expect([label, metricCell(few, label)]).toEqual([label, '–']);
      expect(
        few.split(`no yearly rate from ${short} ${'interval' in changes ? 'weeks' : 'sessions'}, less than a month`),
      ).toHaveLength(7);
      expect(text(few)).toMatch(/CAGR – no yearly rate/);
      expect(text(few)).not.toMatch(/a year\) after all costs|66\.01%|14\.34/);
      expect(metricCell(few, 'Sharpe ratio')).toBe('2.04');
      const many = page(long, changes);
      expect([metricCell(many, 'CAGR'), metricCell(many, 'Calmar ratio'), metricCell(many, 'Cost drag')]).toEqual([
        '66.01%',
        '14.34',
        '2.00%',
      ]);
      expect(many).not.toContain('no yearly rate');
    });

    it('count session dates where the metrics are measured on bars', () => {
      const hours = (rows: number): string =>
        renderTearSheet(
          tearSheetInput({
            metrics,
            run: { ...tearSheetInput().run, interval: '1h', metrics_freq: 'bar' },
            equity: equityColumns(rows, (row) => 100 + row, DAY / 24),
          }),
        );
      expect(metricCell(hours(10 * 24), 'CAGR')).toBe('–');
      expect(metricCell(hours(23 * 24), 'CAGR')).toBe('66.01%');
    });
  });

  it('names what makes the run reproducible', () => {
    const input = tearSheetInput();
    const page = renderTearSheet({ ...input, hashes: { ...input.hashes, event_log_hash: null } });
    for (const value of [
      input.run.id,
      'event 1.2.3',
      '42',
      ...'abce'.split('').map((letter) => letter.repeat(64)),
      '–',
    ])
      expect(page).toContain(`<code>${value}</code>`);
    expect(page).toContain('    universe_model:\n      class: StaticUniverse\n');
    expect(text(page)).toContain('X.SIM, Y.SIM');
  });

  it('cuts a recipe that would bury the report and says so', () => {
    const targets = Array.from({ length: 5_000 }, (_, i) => ({ time: i, weight: 0 }));
    const page = renderTearSheet(tearSheetInput({ recipe: { targets } }));
    expect(page).toContain('... 9601 more lines');
    expect(page.length).toBeLessThan(300_000);
  });

  it('gives equal bytes for equal input', () => {
    expect(renderTearSheet(tearSheetInput())).toBe(renderTearSheet(tearSheetInput()));
  });

  it('describes every chart for readers who cannot see it, with ids that occur once', () => {
    const input = tearSheetInput();
    const page = renderTearSheet({
      ...input,
      benchmark: { label: 'Buy and hold', ts: input.equity.ts, value: input.equity.equity },
    });
    const charts = page.match(/<svg[\s\S]*?<\/svg>/g)!;
    expect(charts.length).toBe(4 * 2 + 3);
    for (const chart of charts)
      expect(chart).toMatch(
        /^<svg class="chart-(wide|narrow|half)" viewBox="0 0 \d+ \d+" role="img" aria-labelledby="[\w-]+ [\w-]+"><title id="[\w-]+">[^<]+<\/title><desc id="[\w-]+">[^<]+<\/desc>/,
      );
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(id);
    for (const table of page.match(/<table[\s\S]*?<\/table>/g)!) expect(table).toContain('<caption');
  });

  it('marks value at risk at its own place, not at a rounded one', () => {
    const place = (value: number): number => {
      const page = renderTearSheet(tearSheetInput({ metrics: { var_95: value } }));
      const chart = /<svg class="chart-wide"[^>]*aria-labelledby="distribution[\s\S]*?<\/svg>/.exec(page)![0];
      return Number(/<path d="M([\d.]+) [^"]*"[^>]*stroke-dasharray/.exec(chart)![1]);
    };
    expect(place(-0.008)).toBeGreaterThan(place(-0.009) + 5);
  });

  it('chooses the logarithmic scale only when equity spans five times its lowest and stays above zero', () => {
    const scale = (last: number): string | undefined =>
      /(logarithmic|linear) scale/.exec(
        renderTearSheet(tearSheetInput({ equity: equityColumns(100, (row) => (row === 99 ? last : 100)) })),
      )?.[1];
    expect(scale(499)).toBe('linear');
    expect(scale(501)).toBe('logarithmic');
    expect(scale(-501)).toBe('linear');
  });

  it('lists the newest round trips of many, with every column', () => {
    const trips = Array.from({ length: 60 }, (_, i) =>
      roundTrip({ exit_ts: new Date(Date.UTC(2024, 0, 2) + i * DAY).toISOString(), pnl: i }),
    );
    const page = renderTearSheet(tearSheetInput({ roundTrips: trips }));
    const table = page.slice(page.indexOf('aria-label="Round trips"'));
    expect(table).toContain('The most recent 20 of 60');
    expect([...table.matchAll(/data-l="P&amp;L">([^<]*)</g)].map((match) => match[1])).toEqual(
      Array.from({ length: 20 }, (_, i) => `+${59 - i}.00`),
    );
    expect(
      /<tbody><tr>(.*?)<\/tr>/
        .exec(table)![1]!
        .replace(/<[^>]+>/g, '|')
        .split('|')
        .filter(Boolean),
    ).toEqual([
      'X.SIM',
      'long',
      '2024-01-02',
      '2024-03-01',
      '101.02',
      '100.98',
      '950',
      '5',
      '+59.00',
      '−0.14%',
      '−2.99%',
      '5.92%',
    ]);
  });

  it('works without rows, with one row, without a decision, and after ruin', () => {
    const bare = { metrics: {}, roundTrips: [], benchmark: null };
    expect(text(renderTearSheet(tearSheetInput({ ...bare, equity: equityColumns(0, () => 0) })))).toContain(
      'The run has no equity rows.',
    );
    const one = text(renderTearSheet(tearSheetInput({ ...bare, equity: equityColumns(1, () => 100_000) })));
    expect(one).toContain('There are not two session closes');
    expect(one).toContain('Rolling figures need 126 session returns; the run has 0.');
    const idle = text(
      renderTearSheet(
        tearSheetInput({ ...bare, warnings: ['no_decision'], equity: equityColumns(300, () => 100_000) }),
      ),
    );
    expect(idle).toContain('no metric is defined no_decision');
    expect(idle).toContain('Rolling figures need returns that vary.');
    expect(idle).toContain('No position was opened and closed again.');
    const ruined = renderTearSheet(
      tearSheetInput({
        ...bare,
        warnings: [{ code: 'ruin' }],
        metrics: { total_return: -1.02, final_equity: -2_000 },
        equity: equityColumns(200, (row) => (row < 199 ? 100_000 - row * 500 : -2_000)),
      }),
    );
    expect(text(ruined)).toContain('shrank to USD −2,000.00');
    expect(ruined).not.toMatch(/NaN|Infinity/);
  });

  // In a thread, as in production: inside Jest's context every use of a global in a loop costs ten times as much.
  it('draws a million rows in less than 1.5 MB and about a second of its processor', async () => {
    const worker = new Worker(new URL('./testing/million-rows.worker.ts', import.meta.url));
    const [result] = (await once(worker, 'message')) as [{ millis: number; characters: number }];
    await worker.terminate();
    expect(result.characters).toBeLessThan(1_500_000);
    // The target is one second; caches are shared with the rest of a test run.
    expect(result.millis).toBeLessThan(3_000);
  });
});
