import { type Context, type SpanOptions, SpanStatusCode, context, trace } from '@opentelemetry/api';

let enabled = false;

/** Called by whoever starts the SDK: without it spans cost nothing, not even a promise. */
export function enableSpans(on: boolean): void {
  enabled = on;
}

/**
 * Runs `work` in a span of this name (platform.md 12.2). `options` is asked only where spans are wanted; attributes
 * carry no user, token or free text. `parent` is what is active here unless it is given.
 */
export function inSpan<T>(
  name: string,
  work: () => Promise<T>,
  options: () => SpanOptions = () => ({}),
  parent: () => Context = () => context.active(),
): Promise<T> {
  if (!enabled) return work();
  return trace.getTracer('alphaswarm').startActiveSpan(name, options(), parent(), async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
