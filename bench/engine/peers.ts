import { join } from 'node:path';
import { runBacktest } from '#quant';
import { PythonPeer, pythonEnvironment } from '../harness/python.ts';
import type { EngineCase } from './cases.ts';
import { INITIAL_CASH, inputOf, type Mode } from './ours.ts';

export interface PeerResult {
  seconds: number;
  fills: number;
  equity: number;
}

export interface EnginePeer {
  name: string;
  /** What its seconds hold. */
  timed: string;
  run(input: EngineCase, mode: Mode): Promise<PeerResult>;
  /** Says what differs and which rule does it. Throws where no rule does. */
  explain(input: EngineCase, mode: Mode, result: PeerResult, ours: { fills: number; equity: number }): string[];
  close(): void;
}

const ROUNDING =
  'trading.md 7.4: money here is integer 1e-8 units, each posting rounded half-even once; the peer keeps doubles';
/** backtesting.py takes its spread on entries only, so slippage can only enter as commission. */
const PEER_COSTS = { slippage_bps: 0, commission_pct: 0.0007 };
const BASIS =
  'commission basis: 2 bps of slippage and 0.0005 of the slipped price here (7.4); the peer has no slippage on ' +
  'exits, so it is given 0.0007 of the open';
const ACCOUNTS =
  'accounts: the peer trades one symbol per run, each with 1/N of the cash and no weights between symbols (7.10, ' +
  'EqualWeight)';

function unexplained(name: string, input: EngineCase, detail: string): Error {
  return new Error(`${input.name}: ${name} differs from the engine and no documented rule explains it: ${detail}`);
}

/** What half a unit of 1e-8 per posting can come to when gains compound it; measured differences are a tenth of it. */
function toleranceOf(fills: number): number {
  return 1e-7 * Math.max(10, fills);
}

/** Fills must be equal, and the equity within `tolerance`. */
function compare(
  name: string,
  input: EngineCase,
  result: PeerResult,
  ours: { fills: number; equity: number },
  tolerance: number,
  rule: string,
): string[] {
  const difference = result.equity - ours.equity;
  if (result.fills !== ours.fills || Math.abs(difference) > tolerance)
    throw unexplained(
      name,
      input,
      `${result.fills} fills and ` +
        `${result.equity}, here ${ours.fills} and ${ours.equity} (tolerance ${tolerance.toExponential(1)})`,
    );
  return [`fills equal; equity ${difference >= 0 ? '+' : ''}${difference.toPrecision(3)} (${rule})`];
}

class Backtrader implements EnginePeer {
  readonly name = 'backtrader';
  readonly timed = 'from the construction of the strategy to the end of run(); feeds are read and preloaded before';
  readonly #peer: PythonPeer;

  constructor(python: string) {
    this.#peer = new PythonPeer(python, join(import.meta.dirname, 'peers', 'backtrader_peer.py'));
  }

  run(input: EngineCase, mode: Mode): Promise<PeerResult> {
    return this.#peer.ask({ files: input.files, mode, cash: INITIAL_CASH });
  }

  explain(input: EngineCase, _mode: Mode, result: PeerResult, ours: { fills: number; equity: number }): string[] {
    return compare(this.name, input, result, ours, toleranceOf(ours.fills), ROUNDING);
  }

  close(): void {
    this.#peer.close();
  }
}

class BacktestingPy implements EnginePeer {
  readonly name = 'backtesting.py';
  readonly timed = 'Backtest.run(), its statistics included; several symbols: one run each, summed';
  readonly #peer: PythonPeer;

  constructor(python: string) {
    this.#peer = new PythonPeer(python, join(import.meta.dirname, 'peers', 'backtesting_peer.py'));
  }

  run(input: EngineCase, mode: Mode): Promise<PeerResult> {
    return this.#peer.ask({ files: input.files, mode, cash: INITIAL_CASH });
  }

  /**
   * Compared with runs of ours under the peer's own rules: costs as it can have them, and an account for each symbol.
   */
  explain(input: EngineCase, mode: Mode, result: PeerResult): string[] {
    const own = { fills: 0, equity: 0 };
    for (const series of input.series) {
      const { artifacts, finalEquity } = runBacktest(
        inputOf([series], input.interval, mode, 'off', {
          account: { initial_cash: INITIAL_CASH / input.series.length, ...PEER_COSTS },
        }),
      );
      own.fills += artifacts.fills.length;
      own.equity += finalEquity;
    }
    const [note] = compare(this.name, input, result, own, toleranceOf(own.fills), ROUNDING);
    const rules = input.series.length === 1 ? [BASIS] : [BASIS, ACCOUNTS];
    return [...rules, `ours under these rules: ${own.fills} fills and ${own.equity.toFixed(8)}; with that ${note}`];
  }

  close(): void {
    this.#peer.close();
  }
}

/** The peers that can be had here; none, with the reason, where Python or the package index is out of reach. */
export async function openPeers(scratch: string): Promise<{ peers: EnginePeer[]; missing?: string }> {
  const environment = await pythonEnvironment(scratch, join(import.meta.dirname, 'requirements.txt'));
  if ('missing' in environment) return { peers: [], missing: environment.missing };
  return { peers: [new Backtrader(environment.python), new BacktestingPy(environment.python)] };
}
