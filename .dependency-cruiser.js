import { readFileSync } from 'node:fs';
import { CRUISE_OPTIONS, importRules } from './test/arch/rules/import-rules.js';

const graph = JSON.parse(readFileSync(new URL('libs/areas/graph.json', import.meta.url), 'utf8'));

/** The gate for imports: `npm run arch`. The rules are in test/arch/rules/import-rules.js. */
export default {
  forbidden: importRules(graph),
  options: { ...CRUISE_OPTIONS, tsConfig: { fileName: 'tsconfig.json' } },
};
