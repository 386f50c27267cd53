import type { Socket } from 'node:net';

/** Unsent bytes of the slowest socket below which the next frames are published. */
const LOW_WATER = 131_072;

/** Resolves when every socket has taken most of what it was sent: frames are published at the pace the sockets take. */
export async function untilTaken(sockets: Iterable<Socket>): Promise<void> {
  while (behind(sockets)) await new Promise((resolve) => setImmediate(resolve));
}

function behind(sockets: Iterable<Socket>): boolean {
  for (const socket of sockets) if (!socket.destroyed && socket.writableLength > LOW_WATER) return true;
  return false;
}

/** Frames published before the pace is looked at. */
export const CHUNK = 100;

/** What both servers say in frame `i` of `frames`: about the size of a backtest's progress frame. */
export function frameOf(
  i: number,
  frames: number,
): { stage: string; message: string; extras: Record<string, unknown> } {
  const last = i === frames - 1;
  const extras = {
    run_id: '018cc251-f400-7000-8000-0000000000aa',
    pct: Math.round((i / frames) * 1_000) / 10,
    bars_done: i,
    bars_total: frames,
    equity: 100_000 + i,
    eta_s: frames - i,
  };
  return last ? { stage: 'done', message: 'Done.', extras: {} } : { stage: 'progress', message: 'Running.', extras };
}
