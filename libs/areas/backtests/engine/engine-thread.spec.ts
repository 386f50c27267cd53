import { MessageChannel } from 'node:worker_threads';
import type { Answer } from '#kernel';
import { normaliseRecipe, type ReplayResult, type RunIdentity } from '#quant';
import { compareReplay } from '../replay-difference.ts';
import engineThread, { type FinishedRun, type PreparedBars } from './engine-thread.ts';

const SESSIONS = ['2024-01-02', '2024-01-03', '2024-01-04'];
const DOCUMENT = {
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: {
      universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['X.SIM'] } },
      portfolio_model: {
        class: 'ScheduledTargets',
        kwargs: { targets: [{ time: SESSIONS[0], vt_symbol: 'X.SIM', weight: 0.5 }] },
      },
    },
  },
};

const columns = (close: readonly number[]) => {
  const prices = Float64Array.from(close);
  return {
    length: close.length,
    sha256: '',
    symbols: ['X.SIM'],
    symbol: new Uint32Array(close.length),
    time: Float64Array.from(SESSIONS.slice(0, close.length), (date) => Date.parse(date)),
    offset: new Float32Array(close.length).fill(NaN),
    isDate: new Uint8Array(close.length).fill(1),
    open: prices,
    high: prices,
    low: prices,
    close: prices,
    volume: new Float64Array(close.length).fill(NaN),
  };
};

function value<T>(answer: Answer<unknown>): T {
  if (!answer.ok) throw new Error(`${answer.code}: ${JSON.stringify(answer.options)}`);
  return answer.value as T;
}

describe('engineThread', () => {
  const { recipe, specHash } = normaliseRecipe(DOCUMENT);
  const { port1, port2 } = new MessageChannel();
  const bars = value<PreparedBars>(
    engineThread({
      kind: 'prepare',
      request: { recipe, specHash, seed: 42 },
      columns: columns([100, 101, 102]),
      repair: null,
    }),
  ).bars;
  const input = { recipe, specHash, seed: 42, bars, benchmark: null };
  const run = () => value<FinishedRun>(engineThread({ kind: 'run', input, port: port2, cancel: new Int32Array(1) }));

  afterAll(() => port1.close());

  it('gives the same bytes for the same run', () => {
    const hashes = ({ artifacts }: FinishedRun) => artifacts.map(({ kind, sha256, rows }) => [kind, sha256, rows]);
    expect(hashes(run())).toEqual(hashes(run()));
    expect(run().artifacts.map(({ kind, rows }) => [kind, rows])).toEqual([
      ['equity', 3],
      ['orders', 1],
      ['fills', 1],
      ['signals', 0],
      ['round_trips', 0],
      ['comparison', 3],
      ['event_log', expect.any(Number)],
    ]);
  });

  it('knows the run_hash of a run before it runs', () => {
    expect(value<RunIdentity>(engineThread({ kind: 'identify', input })).runHash).toBe(run().output.runHash);
  });

  it('replays the log to the artifacts of the run', async () => {
    const { output, artifacts } = run();
    const rows = (kind: string) =>
      JSON.parse(artifacts.find((artifact) => artifact.kind === kind)?.inline ?? '[]') as object[];
    const lines = async function* (kind: string) {
      for (const row of rows(kind)) yield JSON.stringify(row);
    };
    const log = Buffer.from(
      rows('event_log')
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    );
    const replayed = value<ReplayResult>(engineThread({ kind: 'replay', eventLog: log }));
    expect(
      await compareReplay(replayed, {
        equity: lines('equity'),
        fills: lines('fills'),
        eventLogHash: output.eventLogHash,
      }),
    ).toBeNull();
    const tampered = { ...replayed, fills: [] };
    expect(
      await compareReplay(tampered, {
        equity: lines('equity'),
        fills: lines('fills'),
        eventLogHash: output.eventLogHash,
      }),
    ).toMatchObject({ artifact: 'fills', index: 0 });
  });

  it('hands refusals over as data', () => {
    const bad = { ...columns([100]), high: Float64Array.of(99) };
    expect(
      engineThread({ kind: 'prepare', request: { recipe, specHash, seed: 42 }, columns: bad, repair: null }),
    ).toMatchObject({ ok: false, status: 422, code: 'bad_bar' });
  });
});
