import { badInput } from './source-record.ts';

type Value = unknown;
type Members = Readonly<Record<string, Value>>;

/** Where in a JSON document its rows are. */
export interface JsonShape {
  /**
   * `list`: an array of objects or arrays. `keyed`: an object of objects, one for each time. `columns`: arrays of one
   * length, or objects of one set of keys, one for each column. `single`: the document is a row itself.
   */
  readonly kind: 'list' | 'keyed' | 'columns' | 'single';
  readonly path: readonly string[];
  /** Names that the document gives to positions, as pandas does (`orient="split"`). */
  readonly names: readonly string[] | null;
  readonly symbol: string | null;
  readonly timezone: string | null;
}

/** What vendors call their list of bars; decides where a document has several lists. */
const ROW_NAMES = [
  'bars',
  'results',
  'values',
  'data',
  'candles',
  'klines',
  'historical',
  'history',
  'prices',
  'quotes',
  'rows',
  'records',
  'items',
  'list',
  'result',
];
const MAX_DEPTH = 3;
const SYMBOL = /^(\d+\. )?(vt_symbol|symbol|ticker)$/i;
const ZONE = /^(\d+\. )?(time ?zone|exchange_?timezone|exchangeTimezoneName)$/i;
const TIME_KEY = /^(\d{4}-\d{2}-\d{2}([T ].*)?|\d{8,19})$/;
const POSITION_KEY = /^\d{1,9}$/;

interface Found {
  readonly kind: 'list' | 'keyed' | 'columns';
  readonly path: readonly string[];
}

/** Finds the rows of a document. Throws 422 `bad_input` when it holds several lists of which any may be meant. */
export function shapeOf(document: Members): JsonShape {
  const found = findRows(document);
  const stated = statements(document);
  if (found === null) return { kind: 'single', path: [], names: null, ...stated };
  const names = document['columns'];
  const named =
    found.kind === 'list' && Array.isArray(names) && names.every((name) => typeof name === 'string')
      ? (names as string[])
      : null;
  // Alpaca answers with the bars of each symbol under its name.
  const inner =
    found.path.length > 1 && ROW_NAMES.includes(found.path.at(-2)!) && !ROW_NAMES.includes(found.path.at(-1)!)
      ? found.path.at(-1)!
      : null;
  return { ...found, names: named, symbol: stated.symbol ?? inner, timezone: stated.timezone };
}

/** The value at a path. */
export function valueAt(document: Value, path: readonly string[]): Value {
  return path.reduce<Value>((value, name) => (value as Members)[name], document);
}

/** Whether the keys of a table of rows are times, so that they are its timestamps. */
export function areTimes(keys: readonly string[]): boolean {
  return keys.length > 0 && keys.every((key) => TIME_KEY.test(key));
}

function findRows(document: Members): Found | null {
  let level: { value: Members; path: readonly string[] }[] = [{ value: document, path: [] }];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    for (const { value, path } of level) {
      const kind = tableKind(value);
      if (kind) return { kind, path };
    }
    const lists = level.flatMap(({ value, path }) =>
      Object.entries(value).flatMap(([name, member]) => (isList(name, member) ? [[...path, name]] : [])),
    );
    if (lists.length > 0) return { kind: 'list', path: chosen(lists) };
    level = level.flatMap(({ value, path }) =>
      Object.entries(value).flatMap(([name, member]) =>
        isObject(member) ? [{ value: member, path: [...path, name] }] : [],
      ),
    );
  }
  return null;
}

function chosen(lists: readonly (readonly string[])[]): readonly string[] {
  if (lists.length === 1) return lists[0]!;
  const known = ROW_NAMES.flatMap((name) => lists.filter((path) => path.at(-1) === name));
  if (known.length > 0) return known[0]!;
  throw badInput(
    `The document has several lists: ${lists.map((path) => path.join('.')).join(', ')}.`,
    undefined,
    'Send the one that holds the bars.',
  );
}

function isList(name: string, value: Value): boolean {
  if (!Array.isArray(value)) return false;
  return value.length === 0 ? ROW_NAMES.includes(name) : value[0] !== null && typeof value[0] === 'object';
}

/** An object that is a table itself. */
function tableKind(value: Members): 'keyed' | 'columns' | null {
  const members = Object.values(value);
  const arrays = members.filter(
    (member): member is Value[] =>
      Array.isArray(member) && member.length > 0 && member.every((cell) => cell === null || typeof cell !== 'object'),
  );
  if (
    arrays.length > 1 &&
    arrays.every(({ length }) => length === arrays[0]!.length) &&
    members.every((member) => !isObject(member) && (!Array.isArray(member) || arrays.includes(member)))
  )
    return 'columns';
  if (members.length === 0 || !members.every(isObject)) return null;
  const keys = Object.keys(value);
  const inner = Object.keys(members[0] as Members);
  const isKey = (key: string): boolean => TIME_KEY.test(key) || POSITION_KEY.test(key);
  if (keys.every(isKey)) return 'keyed';
  return inner.length > 0 &&
    members.length > 1 &&
    inner.every(isKey) &&
    members.every((member) => Object.values(member).every((cell) => cell === null || typeof cell !== 'object'))
    ? 'columns'
    : null;
}

/** What a document says of all of its rows, at its top or one level below. */
function statements(document: Members): { symbol: string | null; timezone: string | null } {
  const places = [document, ...Object.values(document).filter(isObject)];
  const stated = (name: RegExp): string | null => {
    for (const place of places)
      for (const [key, value] of Object.entries(place))
        if (name.test(key) && typeof value === 'string' && value !== '') return value;
    return null;
  };
  return { symbol: stated(SYMBOL), timezone: stated(ZONE) };
}

function isObject(value: Value): value is Members {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
