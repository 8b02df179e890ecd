import { devices, setDefaultDevice } from '@linum/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { describeCall } from './comparison.js'
import { isRefusal } from './refusals.js'

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

/** Cases of one function that the quick run takes, spread over all of them; the full run takes every one. */
const quick: { readonly onDefault: number; readonly elsewhere: number } = { onDefault: 6, elsewhere: 2 }
const sampled = <C>(group: readonly C[], count: number): readonly (readonly [number, C])[] => {
  const all = [...group.entries()]
  if (process.env['LINUM_TEST'] === 'full' || all.length <= count) return all
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
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
    const label = `${title} on ${device}`
    describe(label, () => {
      test('the fixture holds cases', () => {
        expect(cases.length).toBeGreaterThan(0)
      })
      for (const [fn, group] of groups) {
        const chosen = sampled(group, isDefault ? quick.onDefault : quick.elsewhere)
        test(`${fn} agrees on ${chosen.length} of its ${group.length} cases`, async () => {
          const before = devices().find((d) => d.default)?.name ?? device
          setDefaultDevice(device)
          const failures: string[] = []
          let ran = 0
          try {
            for (const [index, c] of chosen) {
              const failure = await run(c)
              ran++
              if (failure !== null && isRefusal(device, c.fn, failure)) refused.set(label, (refused.get(label) ?? 0) + 1)
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
        process.stdout.write(`${label}: ${executed.get(label) ?? 0} of ${cases.length} cases executed${told(refused.get(label) ?? 0)}\n`)
      })
    })
  }
}
