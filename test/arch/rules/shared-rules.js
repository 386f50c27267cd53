/** Published rules that hold in every file. Formatting is not among them. */
export const SHARED_RULES = {
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/ban-ts-comment': 'error',
  '@typescript-eslint/no-non-null-asserted-optional-chain': 'error',
  'eqeqeq': ['error', 'always', { null: 'ignore' }],
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-debugger': 'error',
  'no-empty': 'error',
  'no-eval': 'error',
  'no-throw-literal': 'error',
  'no-var': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
  'prefer-const': 'error',
};
