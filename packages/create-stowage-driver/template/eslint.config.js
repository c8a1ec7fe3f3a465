import tseslint from 'typescript-eslint';

export default tseslint.config({ ignores: ['dist'] }, tseslint.configs.strict, {
  rules: { eqeqeq: 'error', 'no-console': 'error', 'prefer-const': 'error' },
});
