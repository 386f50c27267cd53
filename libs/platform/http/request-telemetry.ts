import { Logger } from '@nestjs/common';
import { type Context, SpanKind, SpanStatusCode, context, metrics, propagation, trace } from '@opentelemetry/api';
import type { Response } from 'express';
import { type RoutedRequest, openExchange } from './exchange.ts';

const access = new Logger('access');
/** Probes of an orchestrator: every few seconds, for ever. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/**
 * One span, one duration and one log line per request (platform.md 12). Without an SDK every call here does nothing. A
 * trace that the caller brings is linked, not continued: it is not ours to sample.
 */
export function observeRequest(request: RoutedRequest, response: Response, work: () => void): void {
  const caller = trace.getSpanContext(propagation.extract(context.active(), request.headers));
  const span = trace.getTracer('alphaswarm').startSpan(request.method, {
    kind: SpanKind.SERVER,
    root: true,
    links: caller ? [{ context: caller }] : [],
    attributes: {
      'http.request.method': request.method,
      'url.scheme': 'http',
      'alphaswarm.request_id': request.requestId,
    },
  });
  const started = performance.now();
  response.once('close', () => {
    const route = routeOf(request);
    span.updateName(`${request.method} ${route}`);
    span.setAttributes({ 'http.route': route, 'http.response.status_code': response.statusCode });
    const orgId = request.context?.orgId;
    if (orgId) span.setAttribute('tenant_id', orgId);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    const tookMs = performance.now() - started;
    duration().record(tookMs / 1_000, {
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': response.statusCode,
    });
    if (QUIET_ROUTES.has(route)) return;
    // An event has no exchange of its own; the log line takes who and where from it.
    openExchange({ request, response }, () => {
      access.log({
        msg: 'request answered',
        method: request.method,
        route,
        status: response.statusCode,
        duration_ms: Math.round(tookMs),
      });
    });
  });
  const active: Context = trace.setSpan(context.active(), span);
  context.with(active, work);
}

/** The template, never the path: labels must not grow with ids. */
function routeOf(request: RoutedRequest): string {
  const { route } = request as { route?: { path?: unknown } };
  return typeof route?.path === 'string' ? route.path : 'unmatched';
}

let histogram: ReturnType<ReturnType<typeof metrics.getMeter>['createHistogram']> | undefined;

/** Made by the first request, when the SDK has been started. */
function duration(): NonNullable<typeof histogram> {
  histogram ??= metrics.getMeter('alphaswarm').createHistogram('http.server.request.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
  });
  return histogram;
}
