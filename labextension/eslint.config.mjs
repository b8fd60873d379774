// What the extension's TypeScript is held to: `jlpm lint` here, `make javascript` above.

import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

// Text from users reaches a page as text only. A literal is no safer: it is where a value goes next.
const FROM_TEXT_TO_HTML = [
  'innerHTML',
  'outerHTML',
  'insertAdjacentHTML',
  'setHTMLUnsafe',
  'parseHTMLUnsafe',
  'createContextualFragment',
  'parseFromString',
  'srcdoc',
  'writeln'
];

export default ts.config(
  js.configs.recommended,
  { rules: { 'no-control-regex': 'off' } }, // texts are cleaned of control characters
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [...ts.configs.recommendedTypeChecked],
    plugins: { 'react-hooks': hooks },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...hooks.configs.recommended.rules,
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { inheritedMethods: false } }],
      '@typescript-eslint/no-shadow': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'all', argsIgnorePattern: '^_', caughtErrors: 'all' }],
      '@typescript-eslint/no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
      '@typescript-eslint/unbound-method': 'off', // Lumino's signals take a method and its object
      'array-callback-return': 'error',
      complexity: ['error', 20], // every ?: and && of JSX counts
      eqeqeq: 'error',
      'max-depth': ['error', 3],
      'max-lines': ['error', 300],
      'max-params': ['error', 6],
      'no-console': 'error',
      'no-duplicate-imports': ['error', { allowSeparateTypeImports: true }],
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'document', property: 'write', message: 'Text becomes HTML here: make elements.' },
        ...FROM_TEXT_TO_HTML.map(property => ({ property, message: 'Text becomes HTML here: use textContent.' }))
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'Text becomes HTML here.' }
      ],
      'no-script-url': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error'
    }
  },
  { files: ['src/api/rest.ts'], rules: { 'max-lines': 'off' } },
  {
    files: ['tests/**/*.mjs'],
    languageOptions: { globals: { URL: 'readonly', process: 'readonly', globalThis: 'readonly' } }
  }
);
