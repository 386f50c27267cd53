import { canonicalJson, hashCanonical } from '#kernel';
import { replayEventLog } from '../replay/index.ts';
import { SCENARIO_A, dailyBars, eventsOf, ordersRecipe, run, scenarioA, toldRows } from '../testing/builders.ts';
import { randomRun } from '../testing/random-runs.ts';
import { CHAIN_START, chainStep } from './event-log.ts';

describe('scenario M: hashes', () => {
  it('hashes canonical JSON', () => {
    expect(hashCanonical({ c: 'é', a: 1.0, b: [true, null] })).toBe(
      '6552078c5985b474977dfa39ded9c6c8ee6cd5b7c033f4ea9c259b5c3be7e107',
    );
  });

  it('chains the first event', () => {
    expect(chainStep(CHAIN_START, '{"seq":1,"t":"2024-01-02T21:00:00.000Z","type":"CLOCK"}')).toBe(
      '14efecf08fb3f2983519faf1206822e956f6c18583462bf5d515e702d513cbb1',
    );
  });

  it('is the chain of what is written, each line canonical, from the first CLOCK on', () => {
    const result = run(scenarioA(), dailyBars(SCENARIO_A.map((bar, i) => (i % 2 ? [...bar, 12345.5] : bar))));
    const lines = new TextDecoder().decode(result.artifacts.eventLog!).trimEnd().split('\n');
    expect(lines[0]).toBe('{"seq":1,"t":"2024-01-02T21:00:00.000Z","type":"CLOCK"}');
    for (const line of lines) expect(line).toBe(canonicalJson(JSON.parse(line)));
    expect(lines.reduce(chainStep, CHAIN_START)).toBe(result.eventLogHash);
    expect(eventsOf(result).map((event) => event['seq'])).toEqual(lines.map((_, i) => i + 1));
  });

  it('writes every event canonically, whatever orders and fills there are', () => {
    const names = 'a "quoted" group \\ é \u0001';
    const odd = {
      bar: 1,
      side: 'buy',
      quantity: 2.5,
      order_type: 'stop_limit',
      stop_price: 100.1,
      limit_price: 1e-7,
      contingency: 'oco',
      group_id: names,
    };
    const runs = [
      run(
        ordersRecipe([odd, { ...odd, order_type: 'limit', stop_price: null, limit_price: 99.5 }]),
        dailyBars(SCENARIO_A),
      ),
    ];
    for (let seed = 1; seed <= 40; seed++) {
      const { document, bars } = randomRun(seed);
      runs.push(run(document, bars));
    }
    const types = new Set<string>();
    for (const { artifacts } of runs)
      for (const line of new TextDecoder().decode(artifacts.eventLog!).trimEnd().split('\n')) {
        const event = JSON.parse(line) as { type: string };
        types.add(event.type);
        if (line !== canonicalJson(event)) expect(line).toBe(canonicalJson(event));
      }
    expect([...types]).toEqual(
      expect.arrayContaining([
        'CLOCK',
        'MARKET',
        'SIGNAL',
        'TARGET',
        'ORDER',
        'ORDER_STATUS',
        'FILL',
        'CASH',
        'SNAPSHOT',
      ]),
    );
  });
});

describe('replay', () => {
  it('gives the equity rows, the fills and the hash back from the log alone', () => {
    const result = run(scenarioA(), dailyBars(SCENARIO_A));
    const replayed = replayEventLog(result.artifacts.eventLog!);
    expect(replayed.equity).toEqual(toldRows(result));
    expect(replayed.fills).toEqual(result.artifacts.fills);
    expect(replayed.eventLogHash).toBe(result.eventLogHash);
    expect(replayed.finalEquity).toBe(result.finalEquity);
  });

  it('follows a split with a fraction, a short and a flip', () => {
    const orders = [
      { bar: 1, side: 'buy', quantity: 33 },
      { bar: 4, side: 'sell', quantity: 100 },
      { bar: 6, side: 'buy', quantity: 10 },
    ];
    const result = run(
      ordersRecipe(orders, { normalization: 'raw', account: { type: 'margin' }, borrow_rate: 0.1, cash_yield: 0.02 }),
      dailyBars(SCENARIO_A),
      { actions: [{ vt_symbol: 'X.SIM', ex_date: '2024-01-04', type: 'split', ratio: 1.5 }] },
    );
    const replayed = replayEventLog(result.artifacts.eventLog!);
    expect(replayed.equity).toEqual(toldRows(result));
    expect(result.rows.at(-1)!.positions['X.SIM']!.quantity).toBe(-41);
  });

  it('refuses a log that is not full', () => {
    const partial = run(scenarioA({ event_log: 'orders_only' }), dailyBars(SCENARIO_A));
    expect(partial.eventLogHash).toMatch(/^[0-9a-f]{64}$/);
    expect(() => replayEventLog(partial.artifacts.eventLog!)).toThrow(
      expect.objectContaining({ code: 'event_log_partial', status: 409 }),
    );
    const off = run(scenarioA({ event_log: 'off' }), dailyBars(SCENARIO_A));
    expect([off.artifacts.eventLog, off.eventLogHash]).toEqual([null, null]);
  });
});
