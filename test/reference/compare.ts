import { canonicalJson } from '#kernel';
import type { Row } from './engine.ts';

/** What both engines hand over, in the row shapes of trading.md 3.3 and 7.10. */
export interface ComparableRun {
  specHash: string;
  datasetHash: string;
  runHash: string;
  fills: Row[];
  orders: Row[];
  signals: Row[];
  equity: Row[];
  roundTrips: Row[];
  comparison: Row[];
  events: Row[];
  metrics: Record<string, number | null>;
  warnings: Row[];
}
export interface Difference {
  artifact: string;
  index: number | string;
  field?: string;
  ours: string;
  reference: string;
  ulp: boolean;
}

const TOLERANCE = 1e-9;
const text = (value: unknown): string => (value === undefined ? 'undefined' : canonicalJson(value));

/** Equal, within 1e-9 relative ('ulp'), or different. Texts of decimals count as equal only when they are. */
function verdict(a: unknown, b: unknown): 'equal' | 'ulp' | 'different' {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Object.is(a, b) || a === b) return 'equal';
    return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b)) ? 'ulp' : 'different';
  }
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object') {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    let worst: 'equal' | 'ulp' | 'different' = 'equal';
    for (const key of keys) {
      const [x, y] = [(a as Row)[key], (b as Row)[key]];
      const one = key === 'avg_price' ? verdict(Number(x), Number(y)) : verdict(x, y);
      if (one === 'different') return one;
      if (one === 'ulp') worst = one;
    }
    return worst;
  }
  return a === b ? 'equal' : 'different';
}

function rows(artifact: string, ours: Row[], reference: Row[], fields: string[] | null, found: Difference[]): void {
  let ulp = false;
  for (let i = 0; i < Math.max(ours.length, reference.length); i++) {
    const a = ours[i];
    const b = reference[i];
    if (a === undefined || b === undefined) {
      found.push({ artifact, index: i, ours: text(a), reference: text(b), ulp: false });
      return;
    }
    for (const field of fields ?? [...new Set([...Object.keys(a), ...Object.keys(b)])]) {
      const one = verdict(a[field], b[field]);
      if (one === 'equal' || (one === 'ulp' && ulp)) continue;
      found.push({ artifact, index: i, field, ours: text(a), reference: text(b), ulp: one === 'ulp' });
      if (one === 'different') return;
      ulp = true;
    }
  }
}

const FILL = [
  'fill_id',
  'order_id',
  'vt_symbol',
  'side',
  'quantity',
  'price',
  'commission',
  'slippage_cost',
  'liquidity',
  'ts',
];
const ORDER = [
  'order_id',
  'vt_symbol',
  'side',
  'order_type',
  'requested_quantity',
  'quantity',
  'limit_price',
  'stop_price',
  'tif',
  'reduce_only',
  'status',
  'filled_quantity',
  'avg_fill_price',
  'submitted_at',
  'live_from',
];
const EQUITY = ['session_date', 'ts', 'equity', 'cash', 'gross', 'net', 'positions', 'drawdown'];
const SIGNAL = ['ts', 'vt_symbol', 'direction', 'strength', 'confidence', 'horizon_bars', 'source'];

/** Words that the text leaves open (reasons, names of groups) are not compared. */
function comparableEvent({ reason: _reason, group_id: _group, ...event }: Row): Row {
  return event;
}

/** A warning is its code, symbol and count; of unmatched times both only say that there were some. */
const warned = (warnings: Row[]): Row[] =>
  [
    ...new Set(
      warnings.map((row) =>
        row.code === 'unmatched_time' ? row.code : [row.code, row.vt_symbol ?? '', row.count ?? ''].join(' '),
      ),
    ),
  ]
    .sort()
    .map((warning) => ({ warning }));

/** The first difference of every artifact, in the order in which causes precede effects. */
export function compareRuns(
  ours: ComparableRun,
  reference: ComparableRun,
  options: { events?: boolean } = {},
): Difference[] {
  const found: Difference[] = [];
  rows('signals', ours.signals, reference.signals, SIGNAL, found);
  rows('orders', ours.orders, reference.orders, ORDER, found);
  rows('fills', ours.fills, reference.fills, FILL, found);
  rows('equity', ours.equity, reference.equity, EQUITY, found);
  rows('round_trips', ours.roundTrips, reference.roundTrips, null, found);
  rows('comparison', ours.comparison, reference.comparison, null, found);
  rows('warnings', warned(ours.warnings), warned(reference.warnings), null, found);
  for (const key of new Set([...Object.keys(ours.metrics), ...Object.keys(reference.metrics)])) {
    const one = verdict(ours.metrics[key] ?? null, reference.metrics[key] ?? null);
    if (one !== 'equal')
      found.push({
        artifact: 'metrics',
        index: key,
        ours: text(ours.metrics[key] ?? null),
        reference: text(reference.metrics[key] ?? null),
        ulp: one === 'ulp',
      });
  }
  if (options.events !== false)
    rows('events', ours.events.map(comparableEvent), reference.events.map(comparableEvent), null, found);
  for (const key of ['specHash', 'datasetHash', 'runHash'] as const)
    if (ours[key] !== reference[key])
      found.push({ artifact: key, index: 0, ours: ours[key], reference: reference[key], ulp: false });
  return found;
}
