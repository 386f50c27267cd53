import type { ColumnDeclaration } from './lake-schema.ts';
import type { TableDefinition, TableName } from './lake-table.ts';

const bars: readonly ColumnDeclaration[] = [
  { name: 'vt_symbol', type: 'string', required: true },
  { name: 'interval', type: 'string', required: true },
  {
    name: 'timestamp',
    type: 'timestamptz',
    required: true,
    doc: 'Bar start, UTC; the session date at 00:00Z for daily and weekly bars.',
  },
  { name: 'session_date', type: 'date', required: true },
  { name: 'open', type: 'double', required: true },
  { name: 'high', type: 'double', required: true },
  { name: 'low', type: 'double', required: true },
  { name: 'close', type: 'double', required: true },
  { name: 'volume', type: 'double', required: false, doc: 'Units; null means unknown.' },
  { name: 'vwap', type: 'double', required: false },
  { name: 'trade_count', type: 'int', required: false },
  { name: 'currency', type: 'string', required: false },
  {
    name: 'revision',
    type: 'int',
    required: true,
    doc: '1 for the first row of a key, one more for every correction.',
  },
  { name: 'source_id', type: 'string', required: true },
];
const barKey = ['vt_symbol', 'interval', 'timestamp', 'source_id'];
const barSort = ['vt_symbol', 'interval', 'timestamp'];

/** Tables that exist in every workspace and are created on first use (data.md 3.5). */
const KNOWN: readonly TableDefinition[] = [
  {
    namespace: 'silver_market',
    table: 'bars_daily',
    layer: 'silver',
    domain: 'market.bars',
    columns: bars,
    identifier: barKey,
    sort: barSort,
    partition: [
      { transform: 'year', column: 'timestamp' },
      { transform: 'bucket', column: 'vt_symbol', buckets: 8 },
    ],
  },
  {
    namespace: 'silver_market',
    table: 'bars_intraday',
    layer: 'silver',
    domain: 'market.bars',
    columns: bars,
    identifier: barKey,
    sort: barSort,
    partition: [
      { transform: 'month', column: 'timestamp' },
      { transform: 'bucket', column: 'vt_symbol', buckets: 16 },
    ],
  },
  {
    namespace: 'bronze_quarantine',
    table: 'rejected_rows',
    layer: 'bronze',
    domain: 'quarantine',
    identifier: [],
    sort: ['run_id', 'line'],
    partition: [{ transform: 'day', column: '_ingested_at' }],
    columns: [
      { name: 'run_id', type: 'string', required: false },
      { name: 'target', type: 'string', required: false },
      { name: 'line', type: 'long', required: false },
      { name: 'raw', type: 'string', required: false },
      { name: 'codes', type: 'list<string>', required: false },
      { name: 'message', type: 'string', required: false },
    ],
  },
];

export function knownTable(name: TableName): TableDefinition | undefined {
  return KNOWN.find(({ namespace, table }) => namespace === name.namespace && table === name.table);
}
