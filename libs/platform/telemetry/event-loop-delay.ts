import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type ObservableResult, metrics } from '@opentelemetry/api';

/** `nodejs.eventloop.delay.p99` of the time between two exports. Returns what stops it. */
export function observeEventLoop(): () => void {
  const histogram = monitorEventLoopDelay({ resolution: 10 });
  histogram.enable();
  const gauge = metrics.getMeter('alphaswarm').createObservableGauge('nodejs.eventloop.delay.p99', { unit: 's' });
  const observe = (result: ObservableResult): void => {
    result.observe(histogram.percentile(99) / 1e9);
    histogram.reset();
  };
  gauge.addCallback(observe);
  return () => {
    gauge.removeCallback(observe);
    histogram.disable();
  };
}
