// What our tests use of @fast-check/vitest, which vitest.config.ts puts in its place: the original builds every chain of
// test modifiers when it is imported, two seconds in each test file. Here the number of draws and the seed are the run's:
// LINUM_TEST=full draws five times as often, LINUM_SEED=<integer> explores elsewhere.
import type { test as original } from '@fast-check/vitest'
import * as fc from 'fast-check'
import { test as plain } from 'vitest'

type Run = (name: string, body: () => Promise<void>, timeout?: number) => void
type Shape = readonly fc.Arbitrary<unknown>[] | Readonly<Record<string, fc.Arbitrary<unknown>>>

const effort = process.env['LINUM_TEST'] === 'full' ? 5 : 1
const seed = Number(process.env['LINUM_SEED'] ?? 20260201)
if (!Number.isInteger(seed)) throw new RangeError(`LINUM_SEED: must be an integer, got ${process.env['LINUM_SEED']}`)

const arbitraryOf = (shape: Shape): fc.Arbitrary<readonly unknown[]> =>
  Array.isArray(shape)
    ? fc.tuple(...shape)
    : fc.record(shape as Record<string, fc.Arbitrary<unknown>>).map((one) => [one])

const property =
  (run: Run) =>
  (shape: Shape, parameters: fc.Parameters<unknown> = {}) =>
  (name: string, body: (...values: readonly unknown[]) => unknown, timeout?: number): void => {
    const numRuns = (parameters.numRuns ?? 200) * effort
    const examples = parameters.examples?.map((one) => [Array.isArray(shape) ? one : [one]] as [readonly unknown[]])
    const settings = { seed, ...parameters, numRuns, ...(examples && { examples }) } as fc.Parameters<
      [readonly unknown[]]
    >
    const law = fc.asyncProperty(arbitraryOf(shape), async (values) => {
      // A law that returns false fails, one that returns nothing has asserted.
      if ((await body(...values)) === false) return false
      return true
    })
    run(name, () => fc.assert(law, settings), timeout === undefined ? undefined : timeout * effort)
  }

const modifiers = new Set<string | symbol>(['only', 'skip', 'todo', 'fails', 'concurrent', 'sequential'])

const withProperties = <T extends object>(base: T): T =>
  new Proxy(base, {
    get: (target, key) => {
      if (key === 'prop') return property(target as unknown as Run)
      const value: unknown = Reflect.get(target, key)
      return modifiers.has(key) ? withProperties(value as object) : value
    },
  })

export const test: typeof original = withProperties(plain) as unknown as typeof original
export const it: typeof original = test
export { fc }
