import { readFileSync } from 'node:fs'

export * from './comparison.js'

/** The cases of a fixture file. `base` is `import.meta.url` of a module in the test folder that owns the file. */
export const load = <C>(base: string, name: string): readonly C[] =>
  (JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, base), 'utf8')) as { cases: readonly C[] }).cases
