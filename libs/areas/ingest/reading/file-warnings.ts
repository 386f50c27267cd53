import { listed } from './column-refusals.ts';
import { shortName } from './mapping-targets.ts';
import type { OpenedBars } from './open-bars.ts';
import type { Tally } from './tally.ts';

/** A job's result holds so many names. */
const SHOWN_NAMES = 100;

/** What a file has and a run leaves out, told once with its names. */
export function columnWarnings({ columns, source }: Pick<OpenedBars, 'columns' | 'source'>, tally: Tally): void {
  const { ignored, unknown, adjusted } = columns;
  if (ignored.length > 0) {
    const message =
      adjusted.length === 0
        ? {}
        : {
            message:
              `${adjusted.join(', ')}: splits are taken from prices that are raw, dividends from raw or ` +
              `split_adjusted ones; say which they are in mapping.prices.`,
          };
    tally.warn('column_ignored', 1, ignored.length, { columns: shown(ignored), ...message });
  }
  if (unknown.length > 0)
    tally.warn('unknown_header', 1, unknown.length, {
      columns: shown(unknown),
      message: 'The mapping leaves these out, and the file does not have them.',
    });
  const skipped = source.facts.members?.skipped ?? [];
  if (skipped.length > 0)
    tally.warn('member_skipped', null, skipped.length, {
      message: `The archive has members that are no tables: ${listed(skipped)}.`,
    });
}

function shown(names: readonly string[]): string[] {
  return names.slice(0, SHOWN_NAMES).map(shortName);
}
