import type { StatedAction } from '#areas/data';
import { DomainError } from '#kernel';
import type { IngestRequest } from './ingest-request.ts';
import { tooManyRejects } from './ingest-run.ts';
import type { FileAction } from './reading/file-actions.ts';
import type { ReadOutcome } from './reading/read-bars.ts';
import { type ReplacedRows, tooManyReplaced } from './reading/replaced-rows.ts';
import { refusalsText } from './reading/tally.ts';

/** 422 `too_many_rejects`, with codes, columns and values. */
export function checkRejects({ rowsRead, rowsRejected, refusals }: ReadOutcome, { validation }: IngestRequest): void {
  if (!tooManyRejects(rowsRead, rowsRejected, validation.max_reject_ratio)) return;
  throw new DomainError(422, 'too_many_rejects', {
    detail:
      `${rowsRejected} of ${rowsRead} rows were refused; at most ` +
      `${percent(validation.max_reject_ratio)} % may be (validation.max_reject_ratio). ` +
      `Nothing was written. ${refusalsText(refusals)}.`,
  });
}

/**
 * 422 `too_many_replaced`: rows that replace other rows of the same file are the sign of a wrong mapping, a column of
 * the key is missing.
 */
export function checkReplaced(
  rowsRead: number,
  { count, firstLine, firstKey }: ReplacedRows,
  { validation }: IngestRequest,
): void {
  if (!tooManyReplaced(rowsRead, count, validation.max_replaced_ratio)) return;
  throw new DomainError(422, 'too_many_replaced', {
    detail:
      `${count} of ${rowsRead} rows have the symbol, interval and timestamp of a later row of the file and other ` +
      `values ` +
      `(the first in line ${firstLine}: ` +
      `${firstKey}); at most ${percent(validation.max_replaced_ratio)} % may have (validation.max_replaced_ratio). ` +
      'Nothing was written. Is a column of the time of day, or of the symbol, not mapped?',
  });
}

/** 403 where the start of the run saw too little of the file to ask for the permission that its actions need. */
export function checkActions({ actions }: ReadOutcome, { recordActions }: IngestRequest): void {
  if (actions.length === 0 || recordActions === true) return;
  throw new DomainError(403, 'forbidden', {
    detail:
      'The file states splits or dividends, and who started the run may not write data. Map their columns to ' +
      'null, or start it with data:write.',
  });
}

export function statedAction({ vtSymbol, kind, exDay, value, currency }: FileAction): StatedAction {
  const ex_date = new Date(exDay * 86_400_000).toISOString().slice(0, 10);
  const amount = kind === 'split' ? { ratio: value, cash_amount: null } : { ratio: null, cash_amount: value };
  return {
    vt_symbol: vtSymbol,
    kind,
    ex_date,
    ...amount,
    currency: currency?.toUpperCase() ?? null,
    new_vt_symbol: null,
  };
}

function percent(ratio: number): number {
  return Number((ratio * 100).toPrecision(12));
}
