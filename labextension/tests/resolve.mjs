// TypeScript writes imports without an ending, which bundlers find and Node does not: here it is added.

import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = specifier.startsWith('.') && !/\.\w+$/.test(specifier);
    return next(isOurs ? `${specifier}.js` : specifier, context);
  }
});
