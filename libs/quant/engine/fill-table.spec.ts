import { decimal } from '../decimal/index.ts';
import { FillTable } from './fill-table.ts';

describe('the table of fills', () => {
  it('gives back what it was given, amounts that no double holds among them', () => {
    const huge = 2n ** 60n;
    const table = new FillTable();
    table.add({
      order: 2,
      id: 1,
      sign: 1,
      quantity: 2.5,
      price: decimal.units(10_002_000_000),
      commission: 125_025_000,
      slippage: 5_000_000,
      liquidity: 'taker',
      time: 0,
    });
    table.add({
      order: 1,
      id: 0,
      sign: -1,
      quantity: 5,
      price: decimal.units(huge),
      commission: huge,
      slippage: 1,
      liquidity: 'auction',
      time: 1_000,
    });
    table.add({
      order: 2,
      id: 1,
      sign: -1,
      quantity: 1,
      price: { n: 10_005, scale: 2 },
      commission: 0,
      slippage: 0,
      liquidity: 'maker',
      time: 2_000,
    });
    const shown = table
      .rows(['A.SIM', 'B.SIM'])
      .map((row) => [
        row.fill_id,
        row.order_id,
        row.vt_symbol,
        row.side,
        row.quantity,
        row.price,
        row.commission,
        row.slippage_cost,
        row.liquidity,
        row.ts,
      ]);
    expect(shown).toEqual([
      ['f-1', 'o-2', 'B.SIM', 'buy', '2.5', '100.02', '1.25025', '0.05', 'taker', '1970-01-01T00:00:00.000Z'],
      [
        'f-2',
        'o-1',
        'A.SIM',
        'sell',
        '5',
        '11529215046.06846976',
        '11529215046.06846976',
        '0.00000001',
        'auction',
        '1970-01-01T00:00:01.000Z',
      ],
      ['f-3', 'o-2', 'B.SIM', 'sell', '1', '100.05', '0', '0', 'maker', '1970-01-01T00:00:02.000Z'],
    ]);
  });
});
