import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 (RFC 9562): sortable by the moment it was made. */
export function newId(clock?: Clock): string {
  return clock ? v7({ msecs: clock.now() }) : v7();
}

/** Lower-case form of a UUID, or null when `text` is none. Upper case is accepted and normalised. */
export function parseUuid(text: string): string | null {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? lower : null;
}

export const NIL_UUID = '00000000-0000-0000-0000-000000000000';
