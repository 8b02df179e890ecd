import { readFileSync } from 'node:fs'
import { array, ArrayOps, devices, jit, random, setDefaultDevice, Tensor } from '@linum/tensor'
import { afterAll, describe, expect, test } from 'vitest'

type StoredName = 'float32' | 'int32' | 'uint32' | 'bool'

/** A tensor as the fixtures write it: bools are 0 and 1, NaN and the infinities strings. */
export interface Encoded {
  readonly shape: readonly number[]
  readonly dtype: StoredName
  readonly data: readonly (number | string)[]
}

/** How close is close enough; `rtol` 0 asks for identical values, the sign of zero included. */
export interface Tolerance {
  readonly rtol?: number
  readonly atol?: number
  readonly signedZero?: boolean
}

/** One row of an op table: a call, and what the reference gave. */
export interface Case extends Tolerance {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly expect?: Encoded
  /** For functions that return several tensors. */
  readonly expects?: readonly Encoded[]
  readonly key?: { readonly shape: readonly number[]; readonly data: readonly number[] }
  readonly error?: string
}

/** The cases of a fixture file. `base` is `import.meta.url` of a module in the test folder that owns the file. */
export const load = <C>(base: string, name: string): readonly C[] =>
  (JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, base), 'utf8')) as { cases: readonly C[] }).cases

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)

const isEncoded = (x: Record<string, unknown>): boolean => 'dtype' in x && 'data' in x

const typed = {
  float32: (xs: readonly number[]) => Float32Array.from(xs),
  int32: (xs: readonly number[]) => Int32Array.from(xs),
  uint32: (xs: readonly number[]) => Uint32Array.from(xs),
}

export const tensor = ({ shape, dtype, data }: Encoded): Tensor => {
  const flat = data.map(Number)
  const x = dtype === 'bool' ? array(flat.map(Boolean), { dtype }) : array(typed[dtype](flat), { dtype })
  return x.reshape(shape)
}

/** An argument of a call: `{ shape, dtype, data }` is a tensor, `{ number }` a number JSON cannot spell, `{ seed }` and `{ words }` keys. */
export const decode = (x: unknown): unknown => {
  if (Array.isArray(x)) return x.map(decode)
  if (!isRecord(x)) return x
  if (isEncoded(x)) return tensor(x as unknown as Encoded)
  if ('number' in x) return Number(x['number'])
  if ('seed' in x) return random.key(x['seed'] as number)
  if ('words' in x) return random.wrapKeyData(array(Uint32Array.from(x['words'] as number[])))
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, decode(value)]))
}

/** A short text of an argument for failure messages. */
const describeArgument = (x: unknown): string => {
  if (Array.isArray(x)) return `[${x.map(describeArgument).join(', ')}]`
  if (!isRecord(x)) return JSON.stringify(x)
  if (!isEncoded(x)) return JSON.stringify(x)
  const { shape, dtype, data } = x as unknown as Encoded
  const shown = data.slice(0, 8).join(' ')
  return `${dtype}[${shape.join(',')}]{${shown}${data.length > 8 ? ' ...' : ''}}`
}

export const describeCall = (c: { readonly fn: string; readonly args?: readonly unknown[]; readonly inputs?: readonly unknown[]; readonly options?: unknown }): string => {
  const call = `${c.fn}(${[...(c.args ?? []), ...(c.options ? [c.options] : [])].map(describeArgument).join(', ')})`
  return c.inputs === undefined ? call : `${call} at ${c.inputs.map(describeArgument).join(', ')}`
}

const position = (flat: number, shape: readonly number[]): string => {
  const index: number[] = []
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    const extent = shape[axis] ?? 1
    index.unshift(rest % extent)
    rest = Math.floor(rest / extent)
  }
  return `[${index.join(',')}]`
}

const close = (got: number, want: number, { rtol = 1e-5, atol = 0, signedZero = false }: Tolerance): boolean => {
  if (Object.is(got, want)) return true
  if (rtol === 0 || !Number.isFinite(want) || !Number.isFinite(got)) return false
  if (got === 0 && want === 0) return !signedZero
  return Math.abs(got - want) <= rtol * Math.abs(want) + atol
}

const show = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** The first difference between flat data, as a sentence, or null. */
export const dataMismatch = (got: ArrayLike<number>, want: readonly number[], shape: readonly number[], tolerance: Tolerance): string | null => {
  if (got.length !== want.length) return `${got.length} elements, expected ${want.length}`
  const wrong = want.flatMap((w, i) => (close(Number(got[i]), w, tolerance) ? [] : [i]))
  const [first] = wrong
  if (first === undefined) return null
  const [g, w] = [Number(got[first]), want[first] ?? Number.NaN]
  const allowed = tolerance.rtol === 0 ? 'identical' : `within ${tolerance.rtol ?? 1e-5} relative + ${tolerance.atol ?? 0}`
  return `element ${position(first, shape)} is ${show(g)}, expected ${show(w)} (${allowed}, off by ${Math.abs(g - w)}); ${wrong.length} of ${want.length} elements differ`
}

/** How a result differs from the expected tensor, as a sentence, or null. */
export const mismatch = async (got: unknown, want: Encoded, tolerance: Tolerance = {}): Promise<string | null> => {
  if (!(got instanceof Tensor)) return `returned ${String(got)}, expected a Tensor`
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape.join(',')}], expected [${want.shape.join(',')}]`
  if (got.dtype !== want.dtype) return `dtype ${got.dtype}, expected ${want.dtype}`
  const isFloat = want.dtype === 'float32'
  const data = want.data.map((x) => (isFloat ? Math.fround(Number(x)) : Number(x)))
  return dataMismatch((await got.data()) as ArrayLike<number>, data, want.shape, isFloat ? tolerance : { rtol: 0 })
}

const keyMismatch = async (got: unknown, want: NonNullable<Case['key']>): Promise<string | null> => {
  if (!(got instanceof Tensor)) return `returned ${String(got)}, expected a Tensor`
  if (got.dtype !== 'key') return `dtype ${got.dtype}, expected key`
  return mismatch(random.keyData(got), { shape: [...want.shape, 2], dtype: 'uint32', data: want.data })
}

type Library = Readonly<Record<string, unknown>>

const callable = (library: Library, fn: string): ((...args: readonly unknown[]) => unknown) => {
  const f = library[fn]
  if (typeof f !== 'function') throw new TypeError(`${fn} is not in the library`)
  return f as (...args: readonly unknown[]) => unknown
}

const parameters = (c: Case): readonly unknown[] => [...c.args.map(decode), ...(c.options ? [decode(c.options)] : [])]

const compare = async (got: unknown, c: Case): Promise<string | null> => {
  if (c.key !== undefined) return keyMismatch(got, c.key)
  if (c.expects === undefined) return c.expect === undefined ? 'the fixture expects nothing' : mismatch(got, c.expect, c)
  if (!Array.isArray(got) || got.length !== c.expects.length) return `returned ${String(got)}, expected ${c.expects.length} tensors`
  for (const [k, want] of c.expects.entries()) {
    const failure = await mismatch(got[k], want, c)
    if (failure !== null) return `result ${k}: ${failure}`
  }
  return null
}

/** How a tree of results differs from a tree of expected tensors: the path and the difference, or null. */
export const treeMismatch = async (got: unknown, want: unknown, tolerance: Tolerance, path = ''): Promise<string | null> => {
  if (isRecord(want) && isEncoded(want)) {
    const failure = await mismatch(got, want as unknown as Encoded, tolerance)
    return failure === null ? null : `${path} ${failure}`
  }
  if (typeof want !== 'object' || want === null) return Object.is(got, want) ? null : `${path} ${String(got)}, expected ${String(want)}`
  if (typeof got !== 'object' || got === null || got instanceof Tensor) return `${path} ${String(got)}, expected keys ${Object.keys(want).join(', ')}`
  const [gotKeys, wantKeys] = [Object.keys(got).sort(), Object.keys(want).sort()]
  if (gotKeys.join() !== wantKeys.join()) return `${path} keys ${gotKeys.join(', ')}, expected ${wantKeys.join(', ')}`
  for (const [key, value] of Object.entries(want)) {
    const failure = await treeMismatch((got as Record<string, unknown>)[key], value, tolerance, `${path}/${key}`)
    if (failure !== null) return failure
  }
  return null
}

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
    return expected === name ? null : `threw ${name}: ${message}${expected === undefined ? '' : `, expected ${expected}`}`
  }
}

/** Runs one case as a function call; the failure as a sentence, or null. */
export const runCase = (library: Library, c: Case): Promise<string | null> =>
  guarded(async () => {
    const got = callable(library, c.fn)(...parameters(c))
    return c.error === undefined ? compare(got, c) : null
  }, c.error)

/** Whether a case can be written with a method: those drop the first parameter, which must be a tensor. */
export const hasMethod = (c: Case): boolean => c.fn in ArrayOps.prototype && isRecord(c.args[0]) && isEncoded(c.args[0])

/** Runs one case as a method call. */
export const runMethod = (c: Case): Promise<string | null> =>
  guarded(async () => {
    const [self, ...rest] = parameters(c)
    const got = callable(self as unknown as Library, c.fn).apply(self, rest)
    return c.error === undefined ? compare(got, c) : null
  }, c.error)

const replaceTensors = (x: unknown, replace: (t: Tensor) => unknown): unknown => {
  if (x instanceof Tensor) return replace(x)
  if (Array.isArray(x)) return x.map((y) => replaceTensors(y, replace))
  return isRecord(x) ? Object.fromEntries(Object.entries(x).map(([key, value]) => [key, replaceTensors(value, replace)])) : x
}

/** The same case in a jitted function of its tensors: equal to the eager result, bit by bit. */
export const runCompiled = (library: Library, c: Case): Promise<string | null> =>
  guarded(async () => {
    const f = callable(library, c.fn)
    const concrete: Tensor[] = []
    const template = replaceTensors(parameters(c), (t) => ({ place: concrete.push(t) - 1 }))
    const fill = (x: unknown, tensors: readonly Tensor[]): unknown => {
      if (Array.isArray(x)) return x.map((y) => fill(y, tensors))
      if (!isRecord(x)) return x
      return 'place' in x ? tensors[x['place'] as number] : Object.fromEntries(Object.entries(x).map(([key, value]) => [key, fill(value, tensors)]))
    }
    const run = (...tensors: Tensor[]): Tensor[] => [f(...(fill(template, tensors) as unknown[]))].flat() as Tensor[]
    const [eager, compiled] = [run(...concrete), jit(run)(...concrete)]
    for (const [k, want] of eager.entries()) {
      const got = compiled[k] as Tensor
      if (got.shape.join() !== want.shape.join() || got.dtype !== want.dtype) return `compiled ${got.dtype}[${got.shape.join(',')}], eager ${want.dtype}[${want.shape.join(',')}]`
      if (want.dtype === 'key') continue
      const failure = dataMismatch((await got.data()) as ArrayLike<number>, Array.from((await want.data()) as ArrayLike<number>), want.shape, { rtol: 0 })
      if (failure !== null) return `compiled ${failure}`
    }
    return null
  })

/** Fails with the first few failures of a group, each naming the call. */
export const report = (group: string, executed: number, failures: readonly string[]): void => {
  expect(executed, `${group} ran no case`).toBeGreaterThan(0)
  if (failures.length > 0) {
    throw new Error(`${group}: ${failures.length} of ${executed} cases differ\n${failures.slice(0, 6).join('\n')}${failures.length > 6 ? `\nand ${failures.length - 6} more` : ''}`)
  }
}

const executed = new Map<string, number>()

/**
 * One test per group of cases and device that starts by itself. Each counts what it ran and fails if that is nothing;
 * the totals are printed at the end.
 */
export const parity = <C extends { readonly fn: string }>(title: string, cases: readonly C[], run: (c: C) => Promise<string | null>): void => {
  const groups = new Map<string, C[]>()
  for (const c of cases) groups.set(c.fn, [...(groups.get(c.fn) ?? []), c])
  for (const { name: device } of devices()) {
    const label = `${title} on ${device}`
    describe(label, () => {
      test('the fixture holds cases', () => {
        expect(cases.length).toBeGreaterThan(0)
      })
      for (const [fn, group] of groups) {
        test(`${fn} agrees on all of its ${group.length} cases`, async () => {
          const before = devices().find((d) => d.default)?.name ?? device
          setDefaultDevice(device)
          const failures: string[] = []
          let ran = 0
          try {
            for (const [index, c] of group.entries()) {
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
