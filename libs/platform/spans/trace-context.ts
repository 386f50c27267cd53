import { type SpanContext, createTraceState, isSpanContextValid } from '@opentelemetry/api';

/** Where a trace goes on, in the form of the headers of W3C Trace Context. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate: string | null;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Sampled and random; version 00 leaves the other bits at zero. */
const KNOWN_FLAGS = 0x03;

/** Undefined where the context names no span. */
export function traceHeadersOf(span: SpanContext): TraceHeaders | undefined {
  if (!isSpanContextValid(span)) return undefined;
  const flags = (span.traceFlags & KNOWN_FLAGS).toString(16).padStart(2, '0');
  return {
    traceparent: `00-${span.traceId}-${span.spanId}-${flags}`,
    tracestate: span.traceState?.serialize() || null,
  };
}

/**
 * What a caller sent (https://www.w3.org/TR/trace-context/): undefined when `traceparent` is malformed; a `tracestate`
 * of which one member is malformed is discarded whole. A later version is read as far as 00 goes.
 */
export function spanContextOf(traceparent: unknown, tracestate: unknown): SpanContext | undefined {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(String(traceparent)) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined || version === 'ff') return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  const span = { traceId, spanId, traceFlags: parseInt(flags, 16) & KNOWN_FLAGS, isRemote: true };
  if (!isSpanContextValid(span)) return undefined;
  const traceState = typeof tracestate === 'string' ? traceStateOf(tracestate) : undefined;
  return traceState ? { ...span, traceState } : span;
}

/** The library leaves out what it does not understand, more than 32 members, and the second of equal keys. */
function traceStateOf(text: string): SpanContext['traceState'] {
  const members = text.split(',').filter((member) => member.trim() !== '');
  const state = createTraceState(text);
  const understood = state.serialize();
  return understood !== '' && understood.split(',').length === members.length ? state : undefined;
}
