/** Metrics of trading.md 7.9 and 7.10, each written straight from its line of the table. */
export interface TripForMetrics {
  pnl: number;
  bars_held: number;
}
export interface MetricsInput {
  /** E_0..E_n. */
  equity: number[];
  /** Costs paid up to E_t, currency. */
  costs: number[];
  /** Per period t = 1..n. */
  held: boolean[];
  gross: number[];
  net: number[];
  /** Returns of the benchmark per period, null where only the run has the period; null without a benchmark. */
  benchmark: (number | null)[] | null;
  periodsPerYear: number;
  riskFree: number;
  mar: number;
  traded: number;
  trips: TripForMetrics[];
  totals: { commission: number; slippage: number; borrow: number; interest: number };
  counts: { bars: number; orders: number; fills: number };
}

const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0);
const mean = (xs: number[]): number | null => (xs.length === 0 ? null : sum(xs) / xs.length);

/** Sample standard deviation (ddof 1); below 1e-12 it is 0. */
export function deviation(xs: number[]): number | null {
  if (xs.length < 2) return null;
  const m = mean(xs)!;
  const s = Math.sqrt(sum(xs.map((x) => (x - m) * (x - m))) / (xs.length - 1));
  return s < 1e-12 ? 0 : s;
}

export function quantile7(xs: number[], p: number): number | null {
  if (xs.length === 0) return null;
  const sorted = [...xs].sort((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}

/** Φ by the series of erf near 0 and the continued fraction of erfc in the tail, both to double precision. */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  if (z > 27) return x < 0 ? 0 : 1;
  if (z < 2) {
    let term = z;
    let total = z;
    for (let k = 1; k < 200; k++) {
      term *= (-z * z) / k;
      total += term / (2 * k + 1);
    }
    const erf = (2 / Math.sqrt(Math.PI)) * total;
    return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
  }
  let fraction = 0;
  for (let k = 200; k >= 1; k--) fraction = k / 2 / (z + fraction);
  const tail = Math.exp(-z * z) / (z + fraction) / Math.sqrt(Math.PI) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** Probabilistic Sharpe ratio of Bailey and López de Prado 2012; SR per period. */
export function psr(sr: number, n: number, skew: number, kurtosis: number, threshold = 0): number | null {
  const under = 1 - skew * sr + ((kurtosis - 1) / 4) * sr * sr;
  return under > 0 && n > 1 ? normalCdf(((sr - threshold) * Math.sqrt(n - 1)) / Math.sqrt(under)) : null;
}

const finite = (x: number | null): number | null => (x !== null && Number.isFinite(x) ? x : null);

function cagr(first: number, last: number, periods: number, perYear: number): number | null {
  return periods > 0 && last / first >= 0 ? finite((last / first) ** (perYear / periods) - 1) : null;
}

/** Statistics of returns r against b over the periods that both have. */
function comparison(r: number[], b: number[], rf: number, A: number): Record<string, number | null> {
  const out: Record<string, number | null> = {};
  const mr = mean(r)!;
  const mb = mean(b)!;
  const sb = deviation(b);
  if (sb !== null && sb > 0) {
    const cov = sum(r.map((x, i) => (x - mr) * (b[i]! - mb))) / (r.length - 1);
    out.beta = cov / (sum(b.map((x) => (x - mb) ** 2)) / (r.length - 1));
    out.alpha = (mr - rf - out.beta * (mb - rf)) * A;
  }
  const active = r.map((x, i) => x - b[i]!);
  const te = deviation(active);
  out.tracking_error = te === null ? null : te * Math.sqrt(A);
  out.information_ratio = te === null || te === 0 ? null : (mean(active)! / te) * Math.sqrt(A);
  const ratio = (keep: (x: number) => boolean): number | null => {
    const at = b.map((x, i) => (keep(x) ? i : -1)).filter((i) => i >= 0);
    return at.length === 0 ? null : mean(at.map((i) => r[i]!))! / mean(at.map((i) => b[i]!))!;
  };
  out.up_capture = ratio((x) => x > 0);
  out.down_capture = ratio((x) => x < 0);
  return out;
}

export function referenceMetrics(input: MetricsInput): Record<string, number | null> {
  const { equity, periodsPerYear: A } = input;
  const n = equity.length - 1;
  const e0 = equity[0]!;
  const en = equity[n]!;
  const r: number[] = [];
  for (let t = 1; t <= n; t++) r.push(equity[t]! / equity[t - 1]! - 1);
  const rf = input.riskFree / A;
  const average = mean(r);
  const s = deviation(r);
  const sr = average !== null && s !== null && s > 0 ? (average - rf) / s : null;

  const drawdowns: number[] = [];
  let peak = e0;
  let run = 0;
  let longest = 0;
  for (let t = 1; t <= n; t++) {
    peak = Math.max(peak, equity[t]!);
    drawdowns.push(equity[t]! / peak - 1);
    run = equity[t]! < peak ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  const mdd = drawdowns.reduce((a, b) => Math.min(a, b), 0);
  const down = n === 0 ? 0 : Math.sqrt(sum(r.map((x) => Math.min(x - input.mar, 0) ** 2)) / n);
  const growth = cagr(e0, en, n, A);
  const var95 = quantile7(r, 0.05);
  const gains = sum(r.map((x) => Math.max(x, 0)));
  const losses = sum(r.map((x) => Math.max(-x, 0)));

  let skew: number | null = null;
  let kurtosis: number | null = null;
  if (s !== null && s > 0) {
    const m2 = mean(r.map((x) => (x - average!) ** 2))!;
    skew = mean(r.map((x) => (x - average!) ** 3))! / m2 ** 1.5;
    kurtosis = mean(r.map((x) => (x - average!) ** 4))! / (m2 * m2);
  }

  const wins = input.trips.filter((trip) => trip.pnl > 0).map((trip) => trip.pnl);
  const lost = input.trips.filter((trip) => trip.pnl < 0).map((trip) => -trip.pnl);
  const meanLater = mean(equity.slice(1));

  const out: Record<string, number | null> = {
    total_return: en / e0 - 1,
    cagr: growth,
    volatility_ann: s === null ? null : s * Math.sqrt(A),
    sharpe: sr === null ? null : sr * Math.sqrt(A),
    sortino: average === null || down < 1e-12 ? null : ((average - input.mar) / down) * Math.sqrt(A),
    max_drawdown: mdd,
    max_drawdown_duration: longest,
    calmar: growth === null || mdd === 0 ? null : growth / Math.abs(mdd),
    ulcer: n === 0 ? null : Math.sqrt(mean(drawdowns.map((x) => x * x))!),
    omega: losses === 0 ? null : gains / losses,
    var_95: var95,
    cvar_95: var95 === null ? null : mean(r.filter((x) => x <= var95)),
    skew,
    kurtosis,
    turnover: input.traded / e0,
    turnover_ann: meanLater === null ? null : ((0.5 * input.traded) / meanLater) * (A / n),
    exposure_time: n === 0 ? null : input.held.filter(Boolean).length / n,
    mean_gross: n === 0 ? null : mean(input.gross.map((x, i) => x / equity[i + 1]!)),
    mean_net: n === 0 ? null : mean(input.net.map((x, i) => x / equity[i + 1]!)),
    psr: sr === null ? null : psr(sr, n, skew!, kurtosis!),
    win_rate: input.trips.length === 0 ? null : wins.length / input.trips.length,
    profit_factor: lost.length === 0 ? null : sum(wins) / sum(lost),
    payoff: wins.length === 0 || lost.length === 0 ? null : mean(wins)! / mean(lost)!,
    expectancy: mean(input.trips.map((trip) => trip.pnl)),
    mean_bars_held: mean(input.trips.map((trip) => trip.bars_held)),
    n_round_trips: input.trips.length,
    beta: null,
    alpha: null,
    tracking_error: null,
    information_ratio: null,
    up_capture: null,
    down_capture: null,
    commission_total: input.totals.commission,
    slippage_total: input.totals.slippage,
    borrow_total: input.totals.borrow,
    interest_total: input.totals.interest,
    cost_drag: null,
    final_equity: en,
    n_bars: input.counts.bars,
    n_orders: input.counts.orders,
    n_trades: input.counts.fills,
  };

  const grossGrowth = cagr(e0 + input.costs[0]!, en + input.costs[n]!, n, A);
  if (grossGrowth !== null && growth !== null) out.cost_drag = grossGrowth - growth;

  const pairs = r
    .map((x, i) => ({ x, y: input.benchmark?.[i] ?? null }))
    .filter((pair): pair is { x: number; y: number } => pair.y !== null);
  if (pairs.length > 0)
    Object.assign(
      out,
      comparison(
        pairs.map((pair) => pair.x),
        pairs.map((pair) => pair.y),
        rf,
        A,
      ),
    );
  for (const key of Object.keys(out)) out[key] = finite(out[key]!);
  return out;
}
