/**
 * Runs in the browser before the page. zod tries `new Function` to see whether it may compile schemas: the pages' policy forbids
 * it, and the browser would report the attempt as a violation. So zod is told beforehand not to try.
 */
Object.assign(window, { __zod_globalConfig: { jitless: true } });
