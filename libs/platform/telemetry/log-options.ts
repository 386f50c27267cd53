import { isSpanContextValid, trace } from '@opentelemetry/api';
import type { Params } from 'nestjs-pino';
import { type LogFn, type Logger, type LoggerOptions, stdTimeFunctions } from 'pino';
import { redact, redactText } from '#platform/audit';
import type { EnvironmentConfig, TelemetryConfig } from '#platform/config';
import { currentExchange } from '#platform/http';
import { exportLine } from './log-export.ts';

/** Who and where, on every line that is written while a request is answered. */
function correlation(): Record<string, unknown> {
  const exchange = currentExchange();
  const span = trace.getActiveSpan()?.spanContext();
  return {
    ...(exchange && {
      request_id: exchange.request.requestId,
      org_id: exchange.request.context?.orgId ?? undefined,
      principal_id: exchange.request.context?.principal.id,
    }),
    ...(span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {}),
  };
}

/** Nest announces every module and route at every start; openapi.json tells the same better. */
const BOOT_CHATTER: ReadonlySet<unknown> = new Set([
  'InstanceLoader',
  'RouterExplorer',
  'RoutesResolver',
  'NestFactory',
  'NestApplication',
]);
const WARN = 40;

function withoutBootChatter(this: Logger, args: Parameters<LogFn>, method: LogFn, level: number): void {
  const [fields] = args as unknown[];
  if (
    level < WARN &&
    typeof fields === 'object' &&
    fields !== null &&
    'logger' in fields &&
    BOOT_CHATTER.has(fields.logger)
  )
    return;
  // An error that is logged alone would lend its line its message.
  const spoken: unknown[] = fields instanceof Error && args.length === 1 ? [fields, fields.message] : args;
  method.apply(this, spoken.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg)) as Parameters<LogFn>);
}

/** Everything but errors, which their serializer shortens. */
function withoutSecrets({ err, error, ...fields }: Record<string, unknown>): Record<string, unknown> {
  return { ...(redact(fields) as Record<string, unknown>), err, error };
}

/** Fields of platform.md 12.3, as JSON lines without secrets (7.5). Never a body, a header, a query or a token. */
export function pinoOptions(telemetry: TelemetryConfig, environment: EnvironmentConfig): LoggerOptions {
  const withStack = environment.name === 'dev' || environment.name === 'test';
  return {
    level: telemetry.logLevel,
    messageKey: 'msg',
    errorKey: 'error',
    base: null,
    timestamp: () => stdTimeFunctions.isoTime().replace('"time"', '"ts"'),
    formatters: { level: (level) => ({ level }), log: withoutSecrets },
    mixin: correlation,
    hooks: { logMethod: withoutBootChatter, ...(telemetry.endpoint === undefined ? {} : { streamWrite: exportLine }) },
    serializers: {
      err: (error: unknown) => errorFields(error, withStack),
      error: (error: unknown) => errorFields(error, withStack),
    },
  };
}

/**
 * nestjs-pino without its own middleware: #platform/http writes the one line per request, also for those refused before
 * any route.
 */
export function loggerParams(telemetry: TelemetryConfig, environment: EnvironmentConfig): Params {
  return {
    renameContext: 'logger',
    forRoutes: [],
    pinoHttp: { ...pinoOptions(telemetry, environment), autoLogging: false },
  };
}

function errorFields(error: unknown, withStack: boolean): unknown {
  if (typeof error !== 'object' || error === null)
    return error === undefined ? undefined : { code: redactText(String(error)) };
  const { code: ownCode, name, stack } = error as { code?: unknown; name?: unknown; stack?: unknown };
  const code = redactText(String(typeof ownCode === 'string' ? ownCode : name));
  // A database error repeats values of the statement in its message and detail, so only the stack in development has
  // them.
  return withStack ? { code, stack: stack === undefined ? undefined : redactText(String(stack)) } : { code };
}
