import { devices, setDefaultDevice } from '@linum/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { describeCall } from './comparison.js'
import { reasonOf } from './refusals.js'

export { first, guarded, hasMethod, labelled, runCase, runCompiled, runMethod } from './run-case.js'

/** Fails with the first few failures of a group, each naming the call. */
const report = (group: string, executed: number, failures: readonly string[]): void => {
  expect(executed, `${group} ran no case`).toBeGreaterThan(0)
  if (failures.length > 0) {
    throw new Error(
      `${group}: ${failures.length} of ${executed} cases differ\n${failures.slice(0, 6).join('\n')}${failures.length > 6 ? `\nand ${failures.length - 6} more` : ''}`,
    )
  }
}

const executed = new Map<string, number>()
const refused = new Map<string, number>()

/** The one device to run on, or null for all that start by themselves. */
const only = process.env['LINUM_PARITY'] ?? null
const full = process.env['LINUM_TEST'] === 'full'
const seed = Number(process.env['LINUM_SEED'] ?? 0)

/**
 * How many cases of one function a run takes, spread over all of them. The full run takes every one; on the gpu, where a
 * shader takes longer to compile than many cases to run, enough for every kind of operand.
 */
const wanted = (device: string, isDefault: boolean): number =>
  device === 'gpu' ? (full ? 8 : 1) : full ? Infinity : isDefault ? 4 : 1

/** Of the functions, the quick run on the gpu takes every sixth, from one that the seed picks. */
const isSampled = (device: string, number: number): boolean => device !== 'gpu' || full || number % 6 === seed % 6

const sampled = <C>(group: readonly C[], count: number): readonly (readonly [number, C])[] => {
  const all = [...group.entries()]
  if (all.length <= count) return all
  return Array.from({ length: count }, (_, i) => all[(Math.floor((i * all.length) / count) + seed) % all.length]!)
}

const told = (count: number): string => (count === 0 ? '' : `, ${count} of them refused, as they should be`)

/**
 * One test per group of cases and device that starts by itself. Each counts what it ran and fails if that is nothing;
 * the totals are printed at the end.
 */
export const parity = <C extends { readonly fn: string }>(
  title: string,
  cases: readonly C[],
  run: (c: C) => Promise<string | null>,
): void => {
  const groups = new Map<string, C[]>()
  for (const c of cases) groups.set(c.fn, [...(groups.get(c.fn) ?? []), c])
  for (const { name: device, default: isDefault } of devices()) {
    // Open where a test of the gpu came before in this process.
    if (only === null ? device === 'gpu' : device !== only) continue
    const label = `${title} on ${device}`
    describe(label, () => {
      test('the fixture holds cases', () => {
        expect(cases.length).toBeGreaterThan(0)
      })
      for (const [number, [fn, group]] of [...groups].entries()) {
        if (!isSampled(device, number)) continue
        const chosen = sampled(group, wanted(device, isDefault))
        test(`${fn} agrees on ${chosen.length} of its ${group.length} cases`, async () => {
          const before = devices().find((d) => d.default)?.name ?? device
          setDefaultDevice(device)
          const failures: string[] = []
          let ran = 0
          try {
            for (const [index, c] of chosen) {
              const failure = await run(c)
              ran++
              if (failure !== null && reasonOf(device, c.fn, failure) !== null)
                refused.set(label, (refused.get(label) ?? 0) + 1)
              else if (failure !== null) failures.push(`  case ${index}, ${describeCall(c)}: ${failure}`)
            }
          } finally {
            setDefaultDevice(before)
          }
          executed.set(label, (executed.get(label) ?? 0) + ran)
          report(fn, ran, failures)
        })
      }
      afterAll(() => {
        process.stdout.write(
          `${label}: ${executed.get(label) ?? 0} of ${cases.length} cases executed${told(refused.get(label) ?? 0)}\n`,
        )
      })
    })
  }
}
