/** Everything wrong with the environment, told at once. The process exits 78 (EX_CONFIG) before it listens. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export interface IntegerBounds {
  min?: number;
  max?: number;
}

/** Reads typed values and collects every problem instead of stopping at the first. An empty value counts as absent. */
export class EnvReader {
  readonly problems: string[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  text(name: string, fallback: string): string {
    return this.#env[name] || fallback;
  }

  optional(name: string): string | undefined {
    return this.#env[name] || undefined;
  }

  integer(name: string, fallback: number, bounds: IntegerBounds = {}): number {
    return this.#number(name, fallback, bounds, /^[+-]?\d+$/, 'an integer');
  }

  number(name: string, fallback: number, bounds: IntegerBounds = {}): number {
    return this.#number(name, fallback, bounds, /^[+-]?\d+(\.\d+)?$/, 'a number');
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    if (text === 'true') return true;
    if (text === 'false') return false;
    this.problems.push(`${name} is "true" or "false"`);
    return fallback;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const found = allowed.find((value) => value === text);
    if (found === undefined) this.problems.push(`${name} is one of ${allowed.join(', ')}`);
    return found ?? fallback;
  }

  list(name: string, fallback: readonly string[] = []): readonly string[] {
    const text = this.optional(name);
    return text === undefined
      ? fallback
      : text
          .split(',')
          .map((item) => item.trim())
          .filter(Boolean);
  }

  /** Names of the variables that begin with the prefix and have a value. */
  names(prefix: string): readonly string[] {
    return Object.keys(this.#env).filter((name) => name.startsWith(prefix) && this.optional(name) !== undefined);
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
      this.problems.push(`${name} is a URL with one of the schemes ${protocols.join(', ')}`);
    }
    return text;
  }

  refuse(problem: string): void {
    this.problems.push(problem);
  }

  #number(name: string, fallback: number, { min, max }: IntegerBounds, form: RegExp, kind: string): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!form.test(text) || (min !== undefined && value < min) || (max !== undefined && value > max)) {
      this.problems.push(
        `${name} is ${kind}${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` to ${max}`}`,
      );
      return fallback;
    }
    return value;
  }
}
