import { type Json, redact, redactText } from '#platform/audit';

/** What a producer says. Extras may add members and never rename or replace the base keys. */
export interface FrameInput {
  stage: string;
  message: string;
  extras?: Record<string, unknown>;
}

export const TERMINAL_STAGES = ['done', 'error', 'cancelled'] as const;
export type TerminalStage = (typeof TERMINAL_STAGES)[number];

export type TerminalFrame = FrameInput & { stage: TerminalStage };

export function isTerminalStage(stage: string): stage is TerminalStage {
  return (TERMINAL_STAGES as readonly string[]).includes(stage);
}

/** Largest frame on the wire, bytes of UTF-8 (platform.md 9.3). */
export const MAX_FRAME_BYTES = 65_536;
/** What `seq`, `type` and the closing brace add to a body at most. */
const ENVELOPE_BYTES = Buffer.byteLength('"type":"progress",,"seq":9007199254740991}');
const MAX_STAGE = 64;
const BASE_KEYS: ReadonlySet<string> = new Set([
  'task_id',
  'stage',
  'message',
  'timestamp',
  'seq',
  'type',
  'ephemeral',
  'dropped',
]);

/**
 * JSON text of a frame without its closing brace, so that `seq` is appended when it is known. `timestamp` is seconds
 * since the epoch. Redacted; at most `maxBytes` with the envelope: `result` becomes a reference first, then the largest
 * extras go and are named in `dropped`.
 */
export function composeFrame(
  taskId: string,
  input: FrameInput,
  timestampMs: number,
  maxBytes = MAX_FRAME_BYTES,
): string {
  const stage = input.stage.slice(0, MAX_STAGE);
  const base = { task_id: taskId, stage, message: redactText(input.message), timestamp: timestampMs / 1_000 };
  const extras = allowedExtras(stage, input.extras);
  const limit = maxBytes - ENVELOPE_BYTES;
  const whole = JSON.stringify({ ...base, ...extras });
  if (Buffer.byteLength(whole) <= limit) return whole.slice(0, -1);
  return JSON.stringify(shrink(base, extras, limit)).slice(0, -1);
}

function allowedExtras(stage: string, extras: Record<string, unknown> | undefined): Record<string, Json> {
  if (!extras) return {};
  const own = Object.entries(extras).filter(([key]) => !BASE_KEYS.has(key) && belongs(key, stage));
  return redact(Object.fromEntries(own)) as Record<string, Json>;
}

/** `result` says how a task ended, `error` why an attempt failed: in no other frame may they be mistaken for that. */
function belongs(key: string, stage: string): boolean {
  if (key === 'result') return stage === 'done';
  return key !== 'error' || stage === 'error' || stage === 'retry';
}

function shrink(base: { task_id: string }, extras: Record<string, Json>, limit: number): object {
  const kept: Record<string, Json> = { ...extras };
  if ('result' in kept) kept['result'] = { truncated: true, href: `/jobs/${base.task_id}` };
  const dropped: string[] = [];
  const droppable = Object.keys(kept)
    .filter((key) => key !== 'result' && key !== 'error')
    .sort((a, b) => size(kept[b]) - size(kept[a]));
  const frame = (): object => ({ ...base, ...kept, ...(dropped.length > 0 ? { dropped } : {}) });
  for (const key of droppable) {
    if (Buffer.byteLength(JSON.stringify(frame())) <= limit) break;
    delete kept[key];
    dropped.push(key);
  }
  return frame();
}

function size(value: Json | undefined): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
}
