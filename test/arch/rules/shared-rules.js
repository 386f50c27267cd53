/** Published rules that hold in every file. Formatting is not among them. */
export const SHARED_RULES = {
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/ban-ts-comment': 'error',
  // `void` says that nobody waits, not that somebody hears of a failure.
  '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/no-non-null-asserted-optional-chain': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-debugger': 'error',
  'no-empty': 'error',
  'no-eval': 'error',
  'no-throw-literal': 'error',
  'no-var': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
  'prefer-const': 'error',
};
