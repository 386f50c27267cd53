import { bucketOf, icebergHash, partitionPath, timePartition } from './partition-spec.ts';

describe('Iceberg transforms', () => {
  it('hash as the specification says', () => {
    expect(icebergHash('iceberg')).toBe(1210000089);
    expect(icebergHash(34n)).toBe(2017239379);
    expect(icebergHash(BigInt(Date.parse('2017-11-16T22:31:08Z')) * 1000n)).toBe(-2047944441);
  });

  it('put symbols into sixteen buckets', () => {
    expect(['AAPL.NASDAQ', 'MSFT.NASDAQ', 'BTCUSDT.BINANCE'].map((symbol) => bucketOf(symbol, 16))).toEqual([
      12, 11, 10,
    ]);
  });

  it('count years, months and days since 1970, also before it', () => {
    const instant = Date.parse('2024-03-11T13:30:00Z');
    expect([timePartition('year', instant), timePartition('month', instant), timePartition('day', instant)]).toEqual([
      54, 650, 19793,
    ]);
    expect([timePartition('year', -1), timePartition('month', -1), timePartition('day', -1)]).toEqual([-1, -1, -1]);
  });

  it('name directories as people read them', () => {
    const spec = [
      { transform: 'month', column: 'timestamp' },
      { transform: 'bucket', column: 'vt_symbol', buckets: 16 },
    ] as const;
    expect(partitionPath(spec, { timestamp_month: 650, vt_symbol_bucket: 12 })).toBe(
      'timestamp_month=2024-03/vt_symbol_bucket=12',
    );
    expect(partitionPath([{ transform: 'month', column: 't' }], { t_month: -1 })).toBe('t_month=1969-12');
  });
});
