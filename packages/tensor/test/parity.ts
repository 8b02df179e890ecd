import { ArrayOps, devices, jit, setDefaultDevice, Tensor } from '@linum/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { type Case, caseMismatch, dataMismatch, decode, describeCall, isEncoded, isRecord } from './fixture.js'

/** Names what was compared, in front of its failure. */
export const labelled = async (label: string, failure: Promise<string | null>): Promise<string | null> => {
  const found = await failure
  return found === null ? null : `${label} ${found}`
}

/** The first failure of several checks. */
export const first = async (...checks: readonly (() => Promise<string | null>)[]): Promise<string | null> => {
  for (const check of checks) {
    const failure = await check()
    if (failure !== null) return failure
  }
  return null
}

/** Runs a check; what it throws is a failure too, unless it is the error of class `expected`. */
export const guarded = async (check: () => Promise<string | null>, expected?: string): Promise<string | null> => {
  try {
    const failure = await check()
    return failure ?? (expected === undefined ? null : `returned, expected ${expected}`)
  } catch (error) {
    const { name, message } = error as Error
    return expected === name
      ? null
      : `threw ${name}: ${message}${expected === undefined ? '' : `, expected ${expected}`}`
  }
}

type Library = Readonly<Record<string, unknown>>

const callable = (library: Library, fn: string): ((...args: readonly unknown[]) => unknown) => {
  const f = fn.split('.').reduce<unknown>((at, name) => (at as Library | undefined)?.[name], library)
  if (typeof f !== 'function') throw new TypeError(`${fn} is not in the library`)
  return f as (...args: readonly unknown[]) => unknown
}

const parameters = (c: Case): readonly unknown[] => [...c.args.map(decode), ...(c.options ? [decode(c.options)] : [])]

/** Runs one case as a function call; the failure as a sentence, or null. */
export const runCase = (library: Library, c: Case): Promise<string | null> =>
  guarded(async () => {
    const got = callable(library, c.fn)(...parameters(c))
    return c.error === undefined ? caseMismatch(got, c) : null
  }, c.error)

/** Whether a case can be written with a method: those drop the first parameter, which must be a tensor. */
export const hasMethod = (c: Case): boolean => c.fn in ArrayOps.prototype && isRecord(c.args[0]) && isEncoded(c.args[0])

/** Runs one case as a method call. */
export const runMethod = (c: Case): Promise<string | null> =>
  guarded(async () => {
    const [self, ...rest] = parameters(c)
    const got = callable(self as unknown as Library, c.fn).apply(self, rest)
    return c.error === undefined ? caseMismatch(got, c) : null
  }, c.error)

const replaceTensors = (x: unknown, replace: (t: Tensor) => unknown): unknown => {
  if (x instanceof Tensor) return replace(x)
  if (Array.isArray(x)) return x.map((y) => replaceTensors(y, replace))
  return isRecord(x)
    ? Object.fromEntries(Object.entries(x).map(([key, value]) => [key, replaceTensors(value, replace)]))
    : x
}

/** The same case in a jitted function of its tensors: equal to the eager result, bit by bit; errors are the same too. */
export const runCompiled = (library: Library, c: Case): Promise<string | null> =>
  guarded(async () => {
    const f = callable(library, c.fn)
    const concrete: Tensor[] = []
    const template = replaceTensors(parameters(c), (t) => ({ place: concrete.push(t) - 1 }))
    const fill = (x: unknown, tensors: readonly Tensor[]): unknown => {
      if (Array.isArray(x)) return x.map((y) => fill(y, tensors))
      if (!isRecord(x)) return x
      return 'place' in x
        ? tensors[x['place'] as number]
        : Object.fromEntries(Object.entries(x).map(([key, value]) => [key, fill(value, tensors)]))
    }
    const run = (...tensors: Tensor[]): Tensor[] => [f(...(fill(template, tensors) as unknown[]))].flat() as Tensor[]
    const [eager, compiled] = [run(...concrete), jit(run)(...concrete)]
    for (const [k, want] of eager.entries()) {
      const got = compiled[k] as Tensor
      if (got.shape.join() !== want.shape.join() || got.dtype !== want.dtype)
        return `compiled ${got.dtype}[${got.shape.join(',')}], eager ${want.dtype}[${want.shape.join(',')}]`
      if (want.dtype === 'key') continue
      const failure = dataMismatch(
        (await got.data()) as ArrayLike<number>,
        Array.from((await want.data()) as ArrayLike<number>),
        want.shape,
        { rtol: 0 },
      )
      if (failure !== null) return `compiled ${failure}`
    }
    return null
  }, c.error)

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

/** Cases of one function that the quick run takes, spread over all of them; the full run takes every one. */
const quick = 10
const sampled = <C>(group: readonly C[]): readonly (readonly [number, C])[] => {
  const all = [...group.entries()]
  if (process.env['LINUM_TEST'] === 'full' || all.length <= quick) return all
  return Array.from({ length: quick }, (_, i) => all[Math.floor((i * all.length) / quick)]!)
}

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
  for (const { name: device } of devices()) {
    const label = `${title} on ${device}`
    describe(label, () => {
      test('the fixture holds cases', () => {
        expect(cases.length).toBeGreaterThan(0)
      })
      for (const [fn, group] of groups) {
        const chosen = sampled(group)
        test(`${fn} agrees on ${chosen.length} of its ${group.length} cases`, async () => {
          const before = devices().find((d) => d.default)?.name ?? device
          setDefaultDevice(device)
          const failures: string[] = []
          let ran = 0
          try {
            for (const [index, c] of chosen) {
              const failure = await run(c)
              ran++
              if (failure !== null) failures.push(`  case ${index}, ${describeCall(c)}: ${failure}`)
            }
          } finally {
            setDefaultDevice(before)
          }
          executed.set(label, (executed.get(label) ?? 0) + ran)
          report(fn, ran, failures)
        })
      }
      afterAll(() => {
        process.stdout.write(`${label}: ${executed.get(label) ?? 0} of ${cases.length} cases executed\n`)
      })
    })
  }
}
