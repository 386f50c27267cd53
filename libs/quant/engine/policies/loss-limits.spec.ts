import { LossMonitor } from './loss-limits.ts';
import { POLICIES } from './registry.ts';

const monitor = (daily: number | null, drawdown: number | null) =>
  new LossMonitor({ max_daily_loss_pct: daily, max_drawdown_pct: drawdown }, 100_000);

describe('R16 daily loss', () => {
  it('lets the limit itself pass', () => {
    const losses = monitor(0.03, null);
    losses.mark(1, 97_000);
    expect(losses.dailyLoss()).toBeNull();
    expect(losses.mark(1, 96_999.99)).toBe(true);
    expect(losses.dailyLoss()).toEqual({ code: 'daily_loss', value: -0.0300001, limit: -0.03 });
  });

  it('opens a session at the last mark of the one before', () => {
    const losses = monitor(0.03, null);
    losses.mark(1, 98_000);
    losses.mark(2, 95_060);
    expect(losses.dailyLoss()).toBeNull();
    losses.mark(2, 95_059.99);
    expect(losses.dailyLoss()).not.toBeNull();
    losses.mark(3, 95_000);
    expect(losses.dailyLoss()).toBeNull();
  });
});

describe('R17 drawdown', () => {
  it('falls from the greatest mark, initial cash included', () => {
    const losses = monitor(null, 0.15);
    losses.mark(1, 90_000);
    losses.mark(2, 85_000);
    expect(losses.drawdown()).toBeNull();
    losses.mark(2, 84_999.99999999);
    expect(losses.drawdown()).toEqual({ code: 'drawdown', value: -0.15, limit: -0.15 });
    losses.mark(3, 120_000);
    expect(losses.mark(4, 102_000)).toBe(true);
    expect(losses.drawdown()).toBeNull();
    losses.mark(4, 101_999.99);
    expect(losses.drawdown()).toMatchObject({ limit: -0.15 });
  });

  it('looks closely only near a limit, and never without one', () => {
    const losses = monitor(0.03, 0.15);
    expect([losses.mark(1, 97_001), losses.mark(1, 97_000), losses.mark(1, 1)]).toEqual([false, true, true]);
    expect(monitor(null, null).mark(1, 1)).toBe(false);
  });
});

describe('the table of policies', () => {
  it('has nineteen rows in order', () => {
    expect(POLICIES.map((policy) => policy.id)).toEqual(Array.from({ length: 19 }, (_, i) => `R${i + 1}`));
    expect(POLICIES.filter((policy) => policy.evaluate === null).map((policy) => policy.id)).toEqual([
      'R1',
      'R18',
      'R19',
    ]);
    expect(POLICIES.filter((policy) => policy.severity === 'halt').map((policy) => policy.id)).toEqual([
      'R16',
      'R17',
      'R18',
    ]);
  });
});
