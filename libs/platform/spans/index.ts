export { enableSpans, inSpan } from './in-span.ts';
export { spanContextOf, type TraceHeaders, traceHeadersOf } from './trace-context.ts';
