import { readFileSync } from 'node:fs';

interface Documented {
  method: string;
  pattern: RegExp;
  path: string;
  /** Names of the declared headers by status, in lower case. */
  statuses: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What a request can meet before it is known which operation it is for. */
const OF_ANY_OPERATION: ReadonlySet<number> = new Set([405, 413, 415, 417, 431, 500]);

/** Headers of ours; others are those of HTTP itself. */
let ours: ReadonlySet<string> = new Set();
let documented: Documented[] | undefined;

/**
 * Throws where an operation of the committed OpenAPI document answers with a status or a header that it does not
 * document. Routes of tests are not in it.
 */
export function requireDocumented(method: string, target: string, status: number, headers: Headers): void {
  documented ??= readDocument();
  const path = target.split('?')[0] ?? '';
  const operation = documented.find((candidate) => candidate.method === method && candidate.pattern.test(path));
  if (!operation || OF_ANY_OPERATION.has(status)) return;
  const declared = operation.statuses.get(String(status));
  if (!declared)
    throw new Error(`${method} ${operation.path} answered ${status}, which it does not document (${target})`);
  const undeclared = status < 300 ? [...headers.keys()].filter((name) => ours.has(name) && !declared.has(name)) : [];
  if (undeclared.length > 0)
    throw new Error(
      `${method} ${operation.path} answered with ${undeclared.join(', ')}, which it does not document (${target})`,
    );
}

function readDocument(): Documented[] {
  const { paths, components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { responses?: Record<string, { headers?: object }> }>>;
    components: { headers: object };
  };
  const names = (headers: object = {}): Set<string> => new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  ours = names(components.headers);
  const parameters = (path: string): number => path.split('{').length;
  return Object.entries(paths)
    .sort(([a], [b]) => parameters(a) - parameters(b))
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
        statuses: new Map(
          Object.entries(operation.responses ?? {}).map(([status, { headers }]) => [status, names(headers)]),
        ),
      })),
    );
}
