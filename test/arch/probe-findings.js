import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { ESLint } from 'eslint';
import { HOUSE_RULES } from './rules/house-plugin.js';
import { CRUISE_OPTIONS, importRules } from './rules/import-rules.js';
import { SHARED_RULES } from './rules/shared-rules.js';

const PROBES = join(import.meta.dirname, 'probes');
const CONFIG = join(import.meta.dirname, '../../eslint.config.js');

/** Areas of the probes: neither may import the other. */
const GRAPH = { orders: [], billing: [] };

/**
 * Prints, for every rule, the rules that fire on its probe; null for a rule without a probe. Each probe is a small
 * repository of its own.
 */
const forbidden = importRules(GRAPH);
const findings = { imports: {}, code: {}, strays: [] };
const rules = {
  imports: [...new Set(forbidden.map(({ name }) => name))],
  code: [...Object.keys(HOUSE_RULES), ...Object.keys(SHARED_RULES)],
};
for (const name of rules.imports) findings.imports[name] = await probed(name, importFindings);
for (const name of rules.code) findings.code[name] = await probed(name, codeFindings);
const known = new Set([...rules.imports, ...rules.code]);
findings.strays = globSync(['*', '@*/*'], { cwd: PROBES }).filter(
  (folder) => !['@typescript-eslint', 'tsconfig.json'].includes(folder) && !known.has(folder),
);
process.stdout.write(JSON.stringify(findings));

async function probed(name, find) {
  const folder = join(PROBES, name);
  return existsSync(folder) ? [...new Set(await find(folder))].sort() : null;
}

async function importFindings(folder) {
  const { output } = await cruise(['.'], {
    ...CRUISE_OPTIONS,
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden },
  });
  return output.summary.violations.map(({ rule }) => rule.name);
}

async function codeFindings(folder) {
  const results = await new ESLint({ cwd: folder, overrideConfigFile: CONFIG }).lintFiles(['**/*.ts']);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message }) => (ruleId ?? message).replace(/^house\//, '')),
  );
}
