import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Where environments and inputs of the benchmarks are kept between calls: `--scratch DIR`, by default below the data
 * directory that `npm start` uses.
 */
export function scratchDirectory(args: readonly string[], name: string): string {
  const given = option(args, 'scratch');
  const directory = join(resolve(given ?? '.data'), 'bench', name);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Value of `--name value` or `--name=value`. */
export function option(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  const arg = args[at]!;
  return arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : args[at + 1];
}

export function flag(args: readonly string[], name: string): boolean {
  return args.includes(`--${name}`);
}

/** A whole number from 1 to `most`. Throws RangeError on anything else. */
export function count(args: readonly string[], name: string, standard: number, most: number): number {
  const text = option(args, name);
  if (text === undefined) return standard;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new RangeError(`--${name} is a whole number from 1 to ${most}`);
  return value;
}
