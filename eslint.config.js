import tseslint from 'typescript-eslint';
import { HOUSE_PLUGIN, HOUSE_RULES } from './test/arch/rules/house-plugin.js';
import { SHARED_RULES } from './test/arch/rules/shared-rules.js';

/** The gate for code: `npm run lint`. Our own rules are in test/arch/rules/house-plugin.js. */
export default [
  { ignores: ['**/node_modules/**', 'dist/**', '.data/**', 'test/arch/probes/**'] },
  { plugins: { '@typescript-eslint': tseslint.plugin, house: HOUSE_PLUGIN } },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: {
        ecmaVersion: 'latest',
        sourceType: 'module',
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: SHARED_RULES,
  },
  // Tests read answers as strangers would, without our types.
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  ...Object.entries(HOUSE_RULES).map(([name, { files, except = [] }]) => ({
    files,
    ignores: except,
    rules: { [`house/${name}`]: 'error' },
  })),
];
