// What the widgets' modules are held to. Run from the project's folder: `make javascript`.

import js from "@eslint/js";
import globals from "globals";

// Text from users reaches a page as textContent only. A literal is no safer: it is where a value goes next.
const FROM_TEXT_TO_HTML = [
  "innerHTML",
  "outerHTML",
  "insertAdjacentHTML",
  "setHTMLUnsafe",
  "parseHTMLUnsafe",
  "createContextualFragment",
  "parseFromString",
  "srcdoc",
  "writeln",
];

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "complexity": ["error", 15],
      "consistent-return": "error",
      "eqeqeq": "error",
      "max-depth": ["error", 3],
      "max-lines": ["error", 300],
      "max-params": ["error", 6],
      "no-console": "error",
      "no-duplicate-imports": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": [
        "error",
        { object: "document", property: "write", message: "Text becomes HTML here: make elements." },
        ...FROM_TEXT_TO_HTML.map((property) => ({ property, message: "Text becomes HTML here: use textContent." })),
      ],
      "no-script-url": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": ["error", { args: "all", argsIgnorePattern: "^_", caughtErrors: "all" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["tests/javascript/**"],
    languageOptions: { globals: globals.node },
  },
];
