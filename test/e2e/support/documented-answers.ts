import { readFileSync } from 'node:fs';

interface Documented { method: string; pattern: RegExp; path: string; statuses: ReadonlySet<string> }

/** What a request can meet before it is known which operation it is for. */
const OF_ANY_OPERATION: ReadonlySet<number> = new Set([405, 413, 415, 417, 431, 500]);

let documented: Documented[] | undefined;

/** Throws where an operation of the committed OpenAPI document answers with a status that it does not document. Routes of tests are not in it. */
export function requireDocumented(method: string, target: string, status: number): void {
  documented ??= readDocument();
  const path = target.split('?')[0] ?? '';
  const operation = documented.find((candidate) => candidate.method === method && candidate.pattern.test(path));
  if (!operation || operation.statuses.has(String(status)) || OF_ANY_OPERATION.has(status)) return;
  throw new Error(`${method} ${operation.path} answered ${status}, which it does not document (${target})`);
}

function readDocument(): Documented[] {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, Record<string, { responses?: object }>> };
  const parameters = (path: string): number => path.split('{').length;
  return Object.entries(paths).sort(([a], [b]) => parameters(a) - parameters(b)).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({
    method: method.toUpperCase(), path, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'), statuses: new Set(Object.keys(operation.responses ?? {})),
  })));
}
