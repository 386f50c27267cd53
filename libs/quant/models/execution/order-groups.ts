import type { OrderRequest } from '../../strategy/index.ts';
import { momentOf } from '../component.ts';

/** What groups read of a row of ScheduledOrders. */
export interface GroupedRow {
  time: string;
  vt_symbol: string;
  side: 'buy' | 'sell';
  order_type: OrderRequest['orderType'];
  quantity: number;
  reduce_only: boolean;
  contingency: 'none' | 'oco' | 'oto' | 'bracket';
  group_id: string | null;
}

/** Rows that act on each other, by their index in the table. */
export interface OrderGroup {
  contingency: 'oco' | 'oto' | 'bracket';
  rows: number[];
}

/** A row that cannot be meant as it stands. */
export interface GroupFault {
  row: number;
  field: 'time' | 'vt_symbol' | 'side' | 'order_type' | 'quantity' | 'reduce_only' | 'contingency' | 'group_id';
  message: string;
}

const KINDS = ['oto', 'bracket', 'oco'] as const;

interface Grouping {
  groups: OrderGroup[];
  faults: GroupFault[];
}

const LIMITS = new Set(['limit']);
const STOPS = new Set(['stop', 'stop_limit', 'trailing_stop']);
const WORDS = {
  oco: 'an OCO group has two or more orders',
  oto: 'an OTO group has its parent first and then one or more children',
  bracket: 'a bracket has its entry first and then a stop, a limit or both',
} as const;

/**
 * The groups of a table of orders (ADR 21). Rows belong together by contingency, `time` and `group_id`: a name that
 * comes again at another time is another group. An OCO group and a bracket also belong to one symbol, the children of
 * an `oto` parent may name any. What no rule can read is told as faults.
 */
export function groupOrders(rows: readonly GroupedRow[]): Grouping {
  const groups = new Map<string, OrderGroup>();
  const free: number[] = [];
  for (let row = 0; row < rows.length; row++) {
    const { contingency, group_id: name } = rows[row]!;
    if (name === null) continue;
    if (contingency === 'none') {
      free.push(row);
      continue;
    }
    const key = keyOf(contingency, rows[row]!);
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { contingency, rows: [row] });
  }
  const all = [...groups.values()];
  const namesakes = namesakesOf(all, rows);
  const faults = free.flatMap((row) => strangerFaults(row, rows, groups));
  for (const group of all) {
    if (group.rows.length === 1) faults.push(...lonely(group, rows, namesakes));
    else if (group.contingency === 'bracket') faults.push(...bracketFaults(group.rows, rows));
  }
  return { groups: all, faults: faults.sort((a, b) => a.row - b.row) };
}

function keyOf(
  contingency: OrderGroup['contingency'],
  { time, group_id: name, vt_symbol: symbol }: GroupedRow,
): string {
  return JSON.stringify([contingency, momentOf(time), name, contingency === 'oto' ? null : symbol]);
}

/** An order that is in no group but has the name of one beside it. */
function strangerFaults(
  row: number,
  rows: readonly GroupedRow[],
  groups: ReadonlyMap<string, OrderGroup>,
): GroupFault[] {
  const group = KINDS.find((kind) => groups.has(keyOf(kind, rows[row]!)));
  if (group === undefined) return [];
  return [
    {
      row,
      field: 'contingency',
      message: `shares its group_id and time with ${group} orders: accepted here is ${group}`,
    },
  ];
}

/** Groups of one kind and name, in the order of the table. */
type Namesakes = ReadonlyMap<string, { readonly first: OrderGroup; readonly laterAlone: boolean }>;

function namesakesOf(groups: readonly OrderGroup[], rows: readonly GroupedRow[]): Namesakes {
  const named = new Map<string, { first: OrderGroup; laterAlone: boolean }>();
  for (const group of groups) {
    const key = nameOf(group, rows);
    const known = named.get(key);
    if (known === undefined) named.set(key, { first: group, laterAlone: false });
    else known.laterAlone ||= group.rows.length === 1;
  }
  return named;
}

function nameOf({ contingency, rows: [first] }: OrderGroup, rows: readonly GroupedRow[]): string {
  return `${contingency} ${rows[first!]!.group_id!}`;
}

/**
 * An order that is a group of its own: most likely it stands beside its group, at another time or for another symbol.
 * Of two such the later one is told.
 */
function lonely(group: OrderGroup, rows: readonly GroupedRow[], namesakes: Namesakes): GroupFault[] {
  const row = group.rows[0]!;
  const { first, laterAlone } = namesakes.get(nameOf(group, rows))!;
  if (first === group)
    return laterAlone
      ? []
      : [{ row, field: 'group_id', message: `${WORDS[group.contingency]}; this order is alone in its group` }];
  const { time, vt_symbol: symbol } = rows[first.rows[0]!]!;
  if (momentOf(time) !== momentOf(rows[row]!.time))
    return [{ row, field: 'time', message: `the orders of a group have one time: its first group has ${time}` }];
  return [{ row, field: 'vt_symbol', message: `the orders of a group have one symbol: its first group has ${symbol}` }];
}

function bracketFaults([first, ...exits]: readonly number[], rows: readonly GroupedRow[]): GroupFault[] {
  const entry = rows[first!]!;
  if (entry.reduce_only)
    return [{ row: first!, field: 'reduce_only', message: 'the first order of a bracket is its entry, which opens' }];
  const faults: GroupFault[] = [];
  const had = { stop: false, limit: false };
  for (const row of exits) {
    const exit = rows[row]!;
    const type = STOPS.has(exit.order_type) ? 'stop' : LIMITS.has(exit.order_type) ? 'limit' : null;
    if (type === null || had[type])
      faults.push({
        row,
        field: 'order_type',
        message: 'after its entry a bracket has at most one stop, stop_limit or trailing_stop and at most one limit',
      });
    else had[type] = true;
    if (exit.side === entry.side)
      faults.push({
        row,
        field: 'side',
        message: `an exit is on the other side of its entry: ${entry.side === 'buy' ? 'sell' : 'buy'}`,
      });
    if (exit.quantity !== entry.quantity)
      faults.push({ row, field: 'quantity', message: `an exit has the quantity of its entry: ${entry.quantity}` });
  }
  return faults;
}
