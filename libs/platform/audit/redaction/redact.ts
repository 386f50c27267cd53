import { types } from 'node:util';
import { judgeKey } from './key-rule.ts';
import { CIRCULAR, REDACTED, TRUNCATED, markerOf } from './markers.ts';
import { redactBoundedText } from './redact-text.ts';
import { type RegisteredSecrets, resolvedSecrets } from './registered-secrets.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const DEEPEST_CONTAINER = 12;
const MOST_NODES = 10_000;

/**
 * The JSON form of any value, without secrets (platform.md 7.5). Total and idempotent: never throws, invokes no getter,
 * `toJSON` or proxy trap. Containers below depth 12 (the root is 1) and values after the 10,000th are
 * `[TRUNCATED]`; `undefined`, functions and symbols are left out.
 */
export function redact(value: unknown, secrets: RegisteredSecrets = resolvedSecrets): Json {
  return new Redaction(secrets).visit(value, 1) ?? null;
}

/** Stands for a value that has no JSON form and is left out of its container. */
type Absent = undefined;

class Redaction {
  readonly #secrets: RegisteredSecrets;
  readonly #ancestors = new Set<object>();
  #nodes = 0;

  constructor(secrets: RegisteredSecrets) {
    this.#secrets = secrets;
  }

  visit(value: unknown, depth: number): Json | Absent {
    switch (typeof value) {
      case 'undefined':
      case 'function':
      case 'symbol':
        return undefined;
      default:
        this.#nodes++;
    }
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return redactBoundedText(value, this.#secrets);
    if (typeof value === 'number') return finiteOrNull(value);
    if (typeof value === 'bigint') return value.toString();
    return this.#object(value as object, depth);
  }

  #object(value: object, depth: number): Json | Absent {
    // A proxy answers with code of its own, so nothing of it can be trusted to be shown.
    if (types.isProxy(value)) return REDACTED;
    const scalar = scalarForm(value);
    if (scalar !== undefined) return typeof scalar === 'string' ? redactBoundedText(scalar, this.#secrets) : scalar;
    if (depth > DEEPEST_CONTAINER) return TRUNCATED;
    if (this.#ancestors.has(value)) return CIRCULAR;
    this.#ancestors.add(value);
    const result =
      Array.isArray(value) || types.isSet(value)
        ? this.#array(elements(value), depth)
        : this.#record(members(value), depth);
    this.#ancestors.delete(value);
    return result;
  }

  #array(items: Iterable<unknown>, depth: number): Json[] {
    const result: Json[] = [];
    for (const item of items) {
      if (this.#nodes >= MOST_NODES) {
        result.push(TRUNCATED);
        break;
      }
      const safe = this.visit(item, depth + 1);
      // A hole counts, or a sparse array could be endless.
      if (safe === undefined) this.#nodes++;
      else result.push(safe);
    }
    return result;
  }

  #record(entries: Iterable<[string, unknown]>, depth: number): { [key: string]: Json } {
    const result: { [key: string]: Json } = {};
    for (const [key, item] of entries) {
      if (this.#nodes >= MOST_NODES) {
        result[TRUNCATED] = TRUNCATED;
        break;
      }
      const safe = isSecret(key, item) ? this.#masked(item) : this.visit(item, depth + 1);
      if (safe === undefined) continue;
      const name = redactBoundedText(key, this.#secrets);
      // Plain assignment would set the prototype.
      if (name === '__proto__')
        Object.defineProperty(result, name, { value: safe, enumerable: true, configurable: true, writable: true });
      else result[name] = safe;
    }
    return result;
  }

  #masked(item: unknown): Json | Absent {
    if (item === undefined || typeof item === 'function' || typeof item === 'symbol') return undefined;
    this.#nodes++;
    return typeof item === 'string' ? markerOf(item) : REDACTED;
  }
}

function isSecret(key: string, value: unknown): boolean {
  if (value === null || typeof value === 'boolean') return false;
  const verdict = judgeKey(key);
  return verdict === 'secret' || (verdict === 'token' && typeof value !== 'number' && typeof value !== 'bigint');
}

/** The scalar that stands for an object which is no container; undefined for containers. */
function scalarForm(value: object): string | number | boolean | null | undefined {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return `[BINARY ${value.byteLength} bytes]`;
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? null : new Date(time).toISOString();
  }
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isNumberObject(value)) return finiteOrNull(Number.prototype.valueOf.call(value));
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isBigIntObject(value)) return BigInt.prototype.valueOf.call(value).toString();
  if (types.isRegExp(value)) return RegExp.prototype.toString.call(value);
  if (value instanceof URL) return value.href;
  return undefined;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Elements of an array without its getters, or of a set. */
function* elements(value: object): Iterable<unknown> {
  if (types.isSet(value)) return yield* Set.prototype.values.call(value);
  const { length } = value as unknown[];
  for (let index = 0; index < length; index++) yield Object.getOwnPropertyDescriptor(value, index)?.value;
}

/** Own enumerable data properties; of a map its entries; of an error also its message, which is not enumerable. */
function* members(value: object): Iterable<[string, unknown]> {
  if (types.isMap(value)) {
    for (const [key, item] of Map.prototype.entries.call(value)) yield [mapKey(key), item];
    return;
  }
  if (types.isNativeError(value)) {
    for (const name of ['name', 'message', 'cause']) yield [name, dataProperty(value, name)];
  }
  for (const key of Object.keys(value)) yield [key, Object.getOwnPropertyDescriptor(value, key)?.value];
}

function mapKey(key: unknown): string {
  return (typeof key === 'object' && key !== null) || typeof key === 'function' ? `[${typeof key}]` : String(key);
}

function dataProperty(value: object, name: string): unknown {
  for (let holder: object | null = value; holder; holder = Object.getPrototypeOf(holder) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor) return descriptor.value;
  }
  return undefined;
}
