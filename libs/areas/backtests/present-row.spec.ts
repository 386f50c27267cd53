import { presentRow } from './present-row.ts';

const RUN = '018cc251-f400-7000-8000-0000000000aa';
const fill = {
  fill_id: 'f-1',
  order_id: 'o-1',
  price: '101.0202',
  quantity: '950',
  commission: '47.984595',
  slippage_cost: '19.19',
};

describe('presentRow', () => {
  it('shows exact values as numbers, with the run they belong to', () => {
    expect(presentRow('fills', RUN, fill, 'number')).toEqual({
      ...fill,
      id: 'f-1',
      run_kind: 'backtest',
      run_id: RUN,
      price: 101.0202,
      quantity: 950,
      commission: 47.984595,
      slippage_cost: 19.19,
    });
  });

  it('shows them as they are where the caller asks for decimals', () => {
    expect(presentRow('fills', RUN, fill, 'decimal-string')).toMatchObject(fill);
    const equity = {
      ts: '2024-01-03T21:00:00.000Z',
      equity: 100882.825405,
      cash: 0.1,
      gross: 0,
      net: -1e-8,
      positions: { 'X.SIM': { quantity: 950, avg_price: 101.0202 } },
      drawdown: -0.01,
    };
    expect(presentRow('equity', RUN, equity, 'decimal-string')).toEqual({
      ...equity,
      equity: '100882.825405',
      cash: '0.1',
      gross: '0',
      net: '-0.00000001',
      positions: { 'X.SIM': { quantity: '950', avg_price: '101.0202' } },
    });
  });

  it('shows the decimal of an amount, not the binary fraction behind it', () => {
    const row = {
      ts: '2023-11-20T21:00:00.000Z',
      equity: 741222.68,
      cash: 123456789.12345678,
      gross: 9007199254740.99,
      net: 0,
      positions: {},
      drawdown: 0,
    };
    expect(presentRow('equity', RUN, row, 'decimal-string')).toMatchObject({
      equity: '741222.68',
      cash: '123456789.12345678',
      gross: '9007199254740.99',
    });
  });

  it('leaves what is absent absent', () => {
    expect(presentRow('orders', RUN, { order_id: 'o-1', limit_price: null }, 'number')).toEqual({
      order_id: 'o-1',
      limit_price: null,
      id: 'o-1',
      run_kind: 'backtest',
      run_id: RUN,
    });
  });
});
