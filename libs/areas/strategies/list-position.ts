import type { ListPosition } from './strategy-views.repository.ts';

/** The sort key that a cursor carries in lists that are newest first. */
export function positionOf(after: readonly unknown[] | null): ListPosition | null {
  return after && { at: String(after[0]), id: String(after[1]) };
}
