import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, hashCanonical } from '#kernel';
import type { TenantScope } from '#platform/database';
import type { Page, PageQuery } from '../dto/page.ts';
import { SIGNING_KEY } from './signing-key.ts';

/** Sort key of the last row seen, in the order of the list's ORDER BY. */
export type SortKey = readonly (string | number | boolean | null)[];

const LIFETIME_MS = 24 * 3_600_000;
const MAC_BYTES = 32;

interface CursorBody {
  /** Hash of list, filters and organization. */
  b: string;
  /** When it was made, milliseconds. */
  t: number;
  k: SortKey;
}

/** One page of a list that is being answered. */
export class PageRequest {
  readonly limit: number;
  readonly after: SortKey | null;
  readonly #sign: (key: SortKey) => string;

  constructor(limit: number, after: SortKey | null, sign: (key: SortKey) => string) {
    this.limit = limit;
    this.after = after;
    this.#sign = sign;
  }

  /** Give up to `limit` + 1 rows: the one too many tells that there is a next page. */
  of<T>(rows: readonly T[], keyOf: (row: T) => SortKey): Page<T> {
    const data = rows.slice(0, this.limit);
    const last = data.at(-1);
    return { data, next_cursor: rows.length > this.limit && last !== undefined ? this.#sign(keyOf(last)) : null };
  }

  /** Pages of rows that are shaped for the caller after their keys were taken. */
  map<R, T>(rows: readonly R[], keyOf: (row: R) => SortKey, shape: (row: R) => T): Page<T> {
    const page = this.of(rows, keyOf);
    return { data: page.data.map(shape), next_cursor: page.next_cursor };
  }
}

/**
 * Opaque cursors, signed and bound to list, filters and organization; `limit` may change between pages
 * (platform.md 8.0).
 */
@Injectable()
export class CursorCodec {
  constructor(
    @Inject(SIGNING_KEY) private readonly key: Uint8Array,
    private readonly clock: Clock,
  ) {}

  /**
   * `list` names the list with the ids of its path and its order, such as `backtests/<id>/orders`. Throws 400
   * `bad_cursor` for one that was changed, is older than 24 hours, or was made for other filters or another
   * organization.
   */
  page(scope: TenantScope, list: string, query: PageQuery): PageRequest {
    const { limit, cursor, ...filters } = query;
    const binding = hashCanonical([list, scope.orgId, { ...filters }]);
    const after = cursor === undefined ? null : this.#open(cursor, binding);
    return new PageRequest(limit, after, (key) => this.#seal({ b: binding, t: this.clock.now(), k: key }));
  }

  #seal(body: CursorBody): string {
    const bytes = Buffer.from(JSON.stringify(body));
    return Buffer.concat([this.#mac(bytes), bytes]).toString('base64url');
  }

  #open(cursor: string, binding: string): SortKey {
    const sealed = Buffer.from(cursor, 'base64url');
    const bytes = sealed.subarray(MAC_BYTES);
    // Compared as text too: base64url has several spellings of the same bytes.
    const genuine =
      sealed.length > MAC_BYTES &&
      sealed.toString('base64url') === cursor &&
      timingSafeEqual(sealed.subarray(0, MAC_BYTES), this.#mac(bytes));
    if (!genuine) throw badCursor('The cursor was not issued by this service.');
    const body = JSON.parse(bytes.toString()) as CursorBody;
    if (body.b !== binding) throw badCursor('The cursor belongs to another list, filter or organization.');
    if (this.clock.now() - body.t > LIFETIME_MS) throw badCursor('The cursor is older than 24 hours.');
    return body.k;
  }

  #mac(bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.key).update('cursor\n').update(bytes).digest();
  }
}

function badCursor(detail: string): DomainError {
  return new DomainError(400, 'bad_cursor', {
    detail,
    errors: [{ pointer: 'query:cursor', code: 'bad_cursor', message: 'start again without a cursor' }],
  });
}
