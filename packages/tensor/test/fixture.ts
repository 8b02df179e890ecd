import { readFileSync } from 'node:fs'
import { array, random, Tensor } from '@linum/tensor'
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

export const describeCall = (c: Pick<Case, 'fn' | 'args' | 'options'>): string =>
  `${c.fn}(${[...c.args.map(describeArgument), ...(c.options ? [describeArgument(c.options)] : [])].join(', ')})`

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

const call = (library: Library, c: Case): unknown => callable(library, c.fn)(...c.args.map(decode), ...(c.options ? [decode(c.options)] : []))

/** Runs one case; the failure as a sentence, or null. */
export const runCase = async (library: Library, c: Case): Promise<string | null> => {
  try {
    const got = call(library, c)
    if (c.error !== undefined) return `returned, expected ${c.error}`
    if (c.key !== undefined) return await keyMismatch(got, c.key)
    if (c.expect === undefined) return 'the fixture expects nothing'
    return await mismatch(got, c.expect, c)
  } catch (error) {
    const { name, message } = error as Error
    return c.error === name ? null : `threw ${name}: ${message}${c.error === undefined ? '' : `, expected ${c.error}`}`
  }
}

/** Fails with the first few failures of a group, each naming the call. */
export const report = (group: string, executed: number, failures: readonly string[]): void => {
  expect(executed, `${group} ran no case`).toBeGreaterThan(0)
  if (failures.length > 0) {
    throw new Error(`${group}: ${failures.length} of ${executed} cases differ\n${failures.slice(0, 6).join('\n')}${failures.length > 6 ? `\nand ${failures.length - 6} more` : ''}`)
  }
}

/** One test per group of cases, a count of what ran, and a failure if that is not every case of the file. */
export const parity = <C extends { readonly fn: string }>(title: string, cases: readonly C[], run: (c: C) => Promise<string | null>): void => {
  const groups = new Map<string, C[]>()
  for (const c of cases) groups.set(c.fn, [...(groups.get(c.fn) ?? []), c])
  let executed = 0
  describe(title, () => {
    test('the fixture holds cases', () => {
      expect(cases.length).toBeGreaterThan(0)
    })
    for (const [fn, group] of groups) {
      test(`${fn} agrees with the reference on all of its ${group.length} cases`, async () => {
        const failures: string[] = []
        let ran = 0
        for (const [index, c] of group.entries()) {
          const failure = await run(c)
          ran++
          if (failure !== null) failures.push(`  case ${index}, ${'args' in c ? describeCall(c as unknown as Case) : fn}: ${failure}`)
        }
        executed += ran
        report(fn, ran, failures)
      })
    }
    afterAll(() => {
      console.log(`${title}: ${executed} of ${cases.length} cases executed`)
    })
  })
}
