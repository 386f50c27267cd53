import { badInput } from './records/source-record.ts';

/** A split or dividend that a file states beside the bars of a session. */
export interface FileAction {
  readonly vtSymbol: string;
  readonly kind: 'split' | 'dividend';
  /** Days since 1970. */
  readonly exDay: number;
  /** New shares per old, or cash per share. */
  readonly value: number;
  readonly currency: string | null;
}

/** More than a file of bars can mean. */
const MAX_ACTIONS = 200_000;

/**
 * Splits and dividends of a file, one of each kind per symbol and session: an intraday file repeats them, the last
 * counts.
 */
export class FileActions {
  readonly #actions = new Map<string, FileAction>();

  add(actions: readonly FileAction[]): void {
    for (const action of actions) {
      if (this.#actions.size >= MAX_ACTIONS)
        throw badInput(
          `The file states more than ` +
            `${MAX_ACTIONS} splits and dividends; map their columns to null in mapping.columns.`,
        );
      this.#actions.set(`${action.vtSymbol} ${action.kind} ${action.exDay}`, action);
    }
  }

  all(): FileAction[] {
    return [...this.#actions.values()];
  }
}
