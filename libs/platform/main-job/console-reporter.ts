import cliProgress from 'cli-progress';
import type { MainJobListener, MainJobResult, MainJobStep } from './main-job.ts';

const NAMES: Readonly<Record<MainJobStep, string>> = {
  data: 'market data',
  strategy: 'strategy',
  backtest: 'backtest',
};

/** A bar in a terminal, plain lines in a pipe. */
export class ConsoleReporter {
  readonly #out: NodeJS.WriteStream;
  #bar: cliProgress.SingleBar | undefined;
  #step: MainJobStep | undefined;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  readonly tell: MainJobListener = (step, frame) => {
    const done = frame.stage === 'done';
    if (!this.#out.isTTY) {
      if (frame.stage !== 'progress')
        this.#out.write(`${NAMES[step]}: ${frame.stage}${frame.message ? ` - ${frame.message}` : ''}\n`);
      return;
    }
    if (step !== this.#step) {
      this.#bar = new cliProgress.SingleBar(
        { format: `${NAMES[step].padEnd(12)} {bar} {percentage}%  {stage}`, hideCursor: true, stream: this.#out },
        cliProgress.Presets.shades_classic,
      );
      this.#bar.start(100, 0, { stage: frame.stage });
      this.#step = step;
    }
    const share = typeof frame['progress'] === 'number' ? frame['progress'] * 100 : undefined;
    if (done) this.#bar?.update(100, { stage: 'done' });
    else if (share !== undefined) this.#bar?.update(share, { stage: frame.stage });
    else this.#bar?.update({ stage: frame.stage });
    if (done || frame.stage === 'error' || frame.stage === 'cancelled') this.#bar?.stop();
  };
}

const SHOWN: readonly [key: string, label: string, form: (value: number) => string][] = [
  ['total_return', 'Total return', percent],
  ['cagr', 'CAGR', percent],
  ['sharpe', 'Sharpe', ratio],
  ['max_drawdown', 'Max drawdown', percent],
  ['volatility_ann', 'Volatility', percent],
  ['n_trades', 'Fills', String],
  ['final_equity', 'Final equity', money],
];

/** The result as a table of two columns. An undefined metric is a dash. */
export function resultTable(result: MainJobResult): string {
  const { rows, hashes, metrics } = result;
  const cells: [string, string][] = [
    ['Rows read / written / known', `${rows.read} / ${rows.written} / ${rows.duplicate}`],
    ['Strategy', result.strategyId],
    ['Backtest', result.backtestId],
    ...SHOWN.map(([key, label, form]): [string, string] => [
      label,
      metrics[key] === null || metrics[key] === undefined ? '-' : form(metrics[key]),
    ]),
    ...Object.entries(hashes).map(([name, hash]): [string, string] => [name, hash]),
  ];
  const width = Math.max(...cells.map(([label]) => label.length));
  return cells.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function percent(value: number): string {
  return `${(value * 100).toFixed(2)} %`;
}

function ratio(value: number): string {
  return value.toFixed(3);
}

function money(value: number): string {
  return value.toFixed(2);
}
