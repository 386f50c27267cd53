import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

type Findings = Record<'imports' | 'code', Record<string, string[] | null>> & { strays: string[] };

describe('every rule of the house', () => {
  let findings: Findings;

  beforeAll(() => {
    findings = JSON.parse(
      execFileSync(process.execPath, [join(import.meta.dirname, 'probe-findings.js')], { encoding: 'utf8' }),
    ) as Findings;
  }, 60_000);

  it.each(['imports', 'code'] as const)('about %s fires on its probe, and on nothing else there', (kind) => {
    const rules = Object.keys(findings[kind]);
    expect(rules.length).toBeGreaterThan(10);
    expect(findings[kind]).toEqual(Object.fromEntries(rules.map((rule) => [rule, [rule]])));
  });

  it('has the only probes that there are', () => {
    expect(findings.strays).toEqual([]);
  });
});
