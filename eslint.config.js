import js from '@eslint/js';
import { builtinRules } from 'eslint/use-at-your-own-risk';
import tseslint from 'typescript-eslint';

/** ESLint knows one level for each rule; this second name of `max-lines` lets 250 lines warn where 400 fail. */
const house = { rules: { 'advised-lines': builtinRules.get('max-lines') } };

const size = (max) => ({ max, skipBlankLines: true, skipComments: true });

/** What Node itself puts into the global scope. */
const nodeGlobals = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']));

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Name what you export: no default exports.',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/.turbo/**',
      '.stowage/**',
      '**/fixtures/**',
      '**/template/**',
      '**/coverage/**',
      'docs/api/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { house },
    rules: {
      'max-lines': ['error', size(400)],
      'house/advised-lines': ['warn', size(250)],
      'max-lines-per-function': ['error', size(60)],
      complexity: ['error', 15],
      eqeqeq: ['error', 'always'],
      'no-restricted-syntax': ['error', noDefaultExport],
      'no-console': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An interface often asks for a promise where one implementation needs no await.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: nodeGlobals,
    },
  },
  {
    // Command-line programs talk to a person.
    files: ['scripts/**', 'demo/**', 'bench/**', 'test-servers/**', 'test-publish/**', 'packages/cli/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // A test file is a list of behaviours; its length says nothing about its clarity.
    files: ['**/test/**', 'packages/testkit/src/**'],
    rules: {
      'max-lines': 'off',
      'house/advised-lines': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    // Tools read their configuration from a default export.
    files: ['*.config.{js,ts}', 'packages/*/*.config.ts', 'docs/.vitepress/config.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
