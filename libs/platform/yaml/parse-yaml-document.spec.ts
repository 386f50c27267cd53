import { InvalidYamlError, parseYamlDocument } from './parse-yaml-document.ts';

const refusal = (text: string): InvalidYamlError => {
  try {
    parseYamlDocument(text);
  } catch (error) {
    if (error instanceof InvalidYamlError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
};

describe('parseYamlDocument', () => {
  it('reads the core schema: dates stay text, YAML 1.1 booleans stay text', () => {
    expect(parseYamlDocument('a: 1\nb: [x, null, true]\nd: 2000-01-03\nn: no\nf: 1e3')).toEqual({
      a: 1,
      b: ['x', null, true],
      d: '2000-01-03',
      n: 'no',
      f: 1000,
    });
  });

  it('expands a few aliases', () => {
    expect(parseYamlDocument('a: &x {k: 1}\nb: *x')).toEqual({ a: { k: 1 }, b: { k: 1 } });
  });

  it.each([
    ['a list', '- 1'],
    ['a scalar', 'hello'],
    ['nothing', ''],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['a duplicate key', 'a: 1\na: 2'],
    ['a custom tag', 'a: !!js/function "function(){}"'],
    ['a local tag', 'a: !python/object:os.system x'],
    ['a tab as indentation', 'a:\n\t- 1'],
    ['an unclosed flow', 'a: [1'],
    ['an alias bomb', `a: &a [${'1,'.repeat(9)}1]\nb: &b [${'*a,'.repeat(9)}*a]\nc: [${'*b,'.repeat(9)}*b]`],
    ['a self reference', 'a: &a [*a]'],
    ['flow nesting', `a: ${'['.repeat(5000)}`],
    ['mapping nesting', Array.from({ length: 40 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n')],
    ['compact sequence nesting', `a:\n  ${'- '.repeat(20_000)}1`],
    ['more than 256 KiB', `a: "${'x'.repeat(262_144)}"`],
  ])('refuses %s with a place', (_, text) => {
    const error = refusal(text);
    expect(error.code).toBe('invalid_yaml');
    expect(error.status).toBe(400);
    expect(error.options.members).toEqual({ line: expect.any(Number), column: expect.any(Number) });
  });

  it('names line and column of a duplicate key', () => {
    expect(refusal('a: 1\nb: 2\na: 3').options.members).toMatchObject({ line: 3, column: 1 });
    expect(refusal('1: a\n"1": b').options.members).toMatchObject({ line: 2, column: 1 });
    expect(refusal('a: {~: 1, "": 2}').options.members).toMatchObject({ line: 1, column: 11 });
  });

  it('names the place of a key that is no scalar and of an alias that expands too far', () => {
    expect(refusal('a: 1\n? [x]\n: 2').options.members).toMatchObject({ line: 2, column: 3 });
    expect(refusal(`a: &a [${'1,'.repeat(60)}1]\nb: [*a, *a]`).options.members).toMatchObject({ line: 2, column: 9 });
  });

  it('reads a mapping of very many keys in time that grows with their number', () => {
    const processorTime = (keys: number): number => {
      const text = Array.from({ length: keys }, (_, i) => `k${i}: 1`).join('\n');
      const start = process.cpuUsage();
      expect(Object.keys(parseYamlDocument(text))).toHaveLength(keys);
      return process.cpuUsage(start).user;
    };
    const few = processorTime(2_500);
    // Ten times the keys; with each compared with all before it, it would be a hundred times.
    expect(processorTime(25_000) / few).toBeLessThan(40);
  });
});
