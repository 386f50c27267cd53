import { type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { currentExchange } from '#platform/http';
import { type TraceHeaders, spanContextOf, traceHeadersOf } from '#platform/spans';

/**
 * Where the trace of what queues a job goes on: our own span where there is one, sampled or not; without telemetry what
 * the caller sent.
 */
export function traceOfCaller(): TraceHeaders | null {
  const headers = currentExchange()?.request.headers;
  const span = trace.getActiveSpan()?.spanContext();
  const own = span && traceHeadersOf(span);
  if (own) return own;
  const sent = spanContextOf(headers?.['traceparent'], headers?.['tracestate']);
  return (sent && traceHeadersOf(sent)) ?? null;
}

/** The parent of every attempt. What happens to be active where the queue delivers has nothing to do with the job. */
export function parentOf(stored: TraceHeaders | null): Context {
  const span = stored && spanContextOf(stored.traceparent, stored.tracestate);
  return span ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}
