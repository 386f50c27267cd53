import { SeverityNumber, logs } from '@opentelemetry/api';

const SEVERITIES: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/**
 * Sends a line on its way to stdout to the collector, too. It is redacted by now, and the active span is that of
 * whoever wrote it.
 */
export function exportLine(line: string): string {
  const { ts, level, msg, ...attributes } = JSON.parse(line) as { ts: string; level: string; msg?: string };
  logs.getLogger('alphaswarm').emit({
    timestamp: new Date(ts),
    severityText: level,
    severityNumber: SEVERITIES[level] ?? SeverityNumber.UNSPECIFIED,
    body: msg ?? '',
    attributes,
  });
  return line;
}
