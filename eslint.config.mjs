import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const AMBIENT = ['process', 'Buffer', 'fetch', 'setInterval', 'console'].map((name) => ({ name, message: 'Workflows and domain see no process and no I/O.' }));
const AMBIENT_TIME = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Time comes in as an argument.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time comes in as an argument.' },
  { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'Randomness comes in as an argument.' },
];

export default defineConfig(
  { ignores: ['dist/', 'dist-*/', 'node_modules/', '.data/', 'coverage/', 'console/', '**/*.cjs', '**/*.d.mts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Both misjudge documents of mongoose and protobuf, and cost a third of the time.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // Index signatures of environment and query objects are read with brackets on purpose.
      '@typescript-eslint/dot-notation': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-params': ['error', 3],
    },
  },
  {
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', ...AMBIENT] },
  },
  {
    files: ['domain/**/*.ts', 'contracts/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...AMBIENT_TIME] },
  },
  {
    files: ['activities/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', AMBIENT_TIME[1]] },
  },
  {
    // Jest's matchers are typed as any, and tests look into JSON whose shape they are there to check.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
