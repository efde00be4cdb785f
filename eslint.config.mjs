import tseslint from 'typescript-eslint';

/** Modules that would make a workflow differ between its first run and its replay. */
const nodeInWorkflows = [
  { group: ['node:*'], message: 'Workflows are deterministic: no Node built-ins.' },
  { group: ['../drivers/*', '../agent/*'], message: 'Workflows reach the world through activities.' },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist*/**',
      'node_modules/**',
      '**/node_modules/**',
      'coverage/**',
      '.presage/**',
      'examples/**',
      'drivers/sandbox/runtimes/**',
      'bench/hop/peers/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, properties: false } },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Code for browsers, with types of its own.
    files: ['console/**/*.ts', 'console/**/*.tsx'],
    languageOptions: { parserOptions: { project: './console/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: nodeInWorkflows.map((p) => ({ ...p, allowTypeImports: true })) }],
    },
  },
  { files: ['test/**/*.ts', 'bench/**/*.ts', 'cli/**/*.ts', 'workers/all/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    // Jest's asymmetric matchers and parsed answers are `any`; a wrong one fails its test.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['**/*.js', '**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
