import { decimal } from '../decimal/index.ts';
import { FillTable } from './fill-table.ts';
import { Order } from './order.ts';

describe('fills as columns', () => {
  it('are written out as they came, whether or not a double holds their amounts', () => {
    const orders = [1, 2].map((sequence) => new Order(sequence, 0, { vtSymbol: 'AAA.NYSE', side: 'buy', orderType: 'market', quantity: 5 }, 0, { origin: 'strategy' }));
    const table = new FillTable();
    const huge = 90_071_992_547_409_930_000_000_001n;
    table.add({ order: orders[1]!, quantity: 2.5, price: decimal.units(10_002_000_000), commission: 125_025_000, slippage: 5_000_000, liquidity: 'taker', time: 0 });
    table.add({ order: orders[0]!, quantity: 5, price: decimal.units(huge), commission: huge, slippage: 1, liquidity: 'auction', time: 1_000 });
    table.add({ order: orders[1]!, quantity: 1, price: { n: 10_005, scale: 2 }, commission: 0, slippage: 0, liquidity: 'maker', time: 2_000 });
    const shown = table.rows(orders).map((row) => [row.fill_id, row.order_id, row.quantity, row.price, row.commission, row.slippage_cost, row.liquidity, row.ts]);
    expect(shown).toEqual([
      ['f-1', 'o-2', '2.5', '100.02', '1.25025', '0.05', 'taker', '1970-01-01T00:00:00.000Z'],
      ['f-2', 'o-1', '5', '900719925474099300.00000001', '900719925474099300.00000001', '0.00000001', 'auction', '1970-01-01T00:00:01.000Z'],
      ['f-3', 'o-2', '1', '100.05', '0', '0', 'maker', '1970-01-01T00:00:02.000Z'],
    ]);
  });
});
