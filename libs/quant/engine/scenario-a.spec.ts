import { SCENARIO_A, dailyBars, fillsOf, run, scenarioA } from '../testing/builders.ts';

describe('scenario A: scheduled targets over ten daily bars', () => {
  const result = run(scenarioA(), dailyBars(SCENARIO_A));

  it('hashes the bars as written down', () => {
    expect(result.datasetHash).toBe('bf2ca6eb28d3c7bb16237ead500c6640cb0c0df41fb1a704b789f1f755b5908c');
  });

  it('fills at the next open with slippage, money exact to 8 decimals', () => {
    expect(
      result.artifacts.fills.map((fill) => [
        fill.fill_id,
        fill.ts.slice(0, 10),
        fill.side,
        fill.quantity,
        fill.price,
        fill.commission,
      ]),
    ).toEqual([
      ['f-1', '2024-01-03', 'buy', '950', '101.0202', '47.984595'],
      ['f-2', '2024-01-10', 'sell', '950', '100.9798', '47.965405'],
      ['f-3', '2024-01-12', 'buy', '499', '100.02', '24.95499'],
    ]);
    expect(fillsOf(result)).toHaveLength(3);
    expect([1, 6, 8].map((row) => result.rows[row]!.cash)).toEqual([3982.825405, 99865.67, 49930.73501]);
  });

  it('marks equity at every close', () => {
    expect(result.rows.map((row) => row.equity)).toEqual([
      100000, 100882.825405, 101832.825405, 103732.825405, 104682.825405, 100882.825405, 99865.67, 99865.67,
      101327.73501, 101826.73501,
    ]);
    expect(result.finalEquity).toBe(101826.73501);
  });

  it('computes every metric of the table', () => {
    const m = result.metrics;
    const near = (value: number | null, expected: number): void =>
      expect(Math.abs(value! - expected)).toBeLessThan(6e-11);
    near(m.total_return, 0.0182673501);
    near(m.sharpe, 2.0396745219);
    near(m.sortino, 2.7028282058);
    near(m.volatility_ann, 0.2641693377);
    near(m.max_drawdown, -0.0460166736);
    expect(m.max_drawdown_duration).toBe(5);
    near(m.cagr, 0.6600872862);
    near(m.calmar, 14.3445241692);
    near(m.turnover, 2.4180998);
    near(m.turnover_ann, 33.3020653367);
    near(m.exposure_time, 7 / 9);
    near(m.mean_gross, 0.6469303141);
    near(m.var_95, -0.0258130941);
    near(m.cvar_95, -0.0363001284);
    near(m.skew, -1.470505769);
    near(m.kurtosis, 4.2387399375);
    near(m.psr, 0.6298418183);
    near(m.ulcer, 0.0285274741);
    expect(m.commission_total).toBe(120.90499);
    expect([m.win_rate, m.n_round_trips, m.n_trades, m.n_orders, m.n_bars]).toEqual([0, 1, 3, 3, 10]);
  });

  it('reports the round trip', () => {
    const [trip] = result.artifacts.roundTrips;
    expect(trip).toMatchObject({
      vt_symbol: 'X.SIM',
      direction: 'long',
      quantity: '950',
      pnl: '-134.33',
      entry_price: 101.0202,
      exit_price: 100.9798,
      bars_held: 5,
    });
    expect(trip!.mae).toBeCloseTo(-0.0298969909, 10);
    // The printed 0.0592041018 has a wrong digit: 107/101.0202 − 1, with the very inputs that give the printed MAE
    // (docs/adr/0005).
    expect(trip!.mfe).toBeCloseTo(0.0591941018, 10);
  });
});
