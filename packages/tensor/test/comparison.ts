import { array, type DType, random, Tensor } from '@linum/tensor'

type StoredName = Exclude<DType, 'key'>

/** A tensor as the fixtures write it: bools are 0 and 1, NaN and the infinities strings. */
export interface Encoded {
  readonly shape: readonly number[]
  readonly dtype: StoredName
  readonly data: readonly (number | string)[]
}

/** An array too large to write down: ((i * mul + add) % mod - shift) / div at each flat index i. */
interface Pattern {
  readonly pattern: readonly [mul: number, add: number, mod: number, shift: number, div: number]
  readonly shape: readonly number[]
  readonly dtype: StoredName
}

/** A result too large to write down: sampled elements, and where double precision holds them exactly two sums. */
interface Large {
  readonly shape: readonly number[]
  readonly dtype: StoredName
  readonly at: readonly number[]
  readonly values: readonly (number | string)[]
  readonly sums?: readonly [plain: number, weighted: number]
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
  readonly large?: Large
  readonly key?: { readonly shape: readonly number[]; readonly data: readonly number[] }
  readonly error?: string
}

export const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

export const isEncoded = (x: Record<string, unknown>): boolean => 'dtype' in x && 'data' in x

export const tensor = ({ shape, dtype, data }: Encoded): Tensor => {
  const flat = data.map(Number)
  const x = dtype === 'bool' ? array(flat.map(Boolean), { dtype }) : array(flat, { dtype })
  return x.reshape(shape)
}

const generate = ({ pattern: [mul, add, mod, shift, div], shape, dtype }: Pattern): Tensor => {
  const size = shape.reduce((n, extent) => n * extent, 1)
  return tensor({ shape, dtype, data: Array.from({ length: size }, (_, i) => (((i * mul + add) % mod) - shift) / div) })
}

/** An argument of a call: `{ shape, dtype, data }` is a tensor, `{ number }` a number JSON cannot spell, `{ seed }` and `{ words }` keys. */
export const decode = (x: unknown): unknown => {
  if (Array.isArray(x)) return x.map(decode)
  if (!isRecord(x)) return x
  if (isEncoded(x)) return tensor(x as unknown as Encoded)
  if ('pattern' in x) return generate(x as unknown as Pattern)
  if ('number' in x) return Number(x['number'])
  if ('seed' in x) return random.key(x['seed'] as number)
  if ('words' in x) return random.wrapKeyData(array(Uint32Array.from(x['words'] as number[])))
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, decode(value)]))
}

/** A short text of an argument for failure messages. */
const describeArgument = (x: unknown): string => {
  if (Array.isArray(x)) return `[${x.map(describeArgument).join(', ')}]`
  if (!isRecord(x)) return JSON.stringify(x)
  if (!isEncoded(x)) return 'pattern' in x ? `${String(x['dtype'])}[${String(x['shape'])}]` : JSON.stringify(x)
  const { shape, dtype, data } = x as unknown as Encoded
  const shown = data.slice(0, 8).join(' ')
  return `${dtype}[${shape.join(',')}]{${shown}${data.length > 8 ? ' ...' : ''}}`
}

export const describeCall = (c: {
  readonly fn: string
  readonly args?: readonly unknown[]
  readonly inputs?: readonly unknown[]
  readonly options?: unknown
}): string => {
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

/** What is close enough where a case does not say: a few units in the last place. */
const tolerances: Readonly<Partial<Record<StoredName, number>>> = {
  float64: 1e-12,
  float32: 1e-5,
  float16: 2e-3,
  bfloat16: 1.6e-2,
}

const close = (got: number, want: number, { rtol = 1e-5, atol = 0, signedZero = false }: Tolerance): boolean => {
  if (Object.is(got, want)) return true
  if (rtol === 0 || !Number.isFinite(want) || !Number.isFinite(got)) return false
  if (got === 0 && want === 0) return !signedZero
  return Math.abs(got - want) <= rtol * Math.abs(want) + atol
}

const show = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** The first difference between flat data, as a sentence, or null. */
export const dataMismatch = (
  got: ArrayLike<number>,
  want: readonly number[],
  shape: readonly number[],
  tolerance: Tolerance,
): string | null => {
  if (got.length !== want.length) return `${got.length} elements, expected ${want.length}`
  const wrong = want.flatMap((w, i) => (close(Number(got[i]), w, tolerance) ? [] : [i]))
  const [first] = wrong
  if (first === undefined) return null
  const [g, w] = [Number(got[first]), want[first] ?? Number.NaN]
  const allowed =
    tolerance.rtol === 0 ? 'identical' : `within ${tolerance.rtol ?? 1e-5} relative + ${tolerance.atol ?? 0}`
  return `element ${position(first, shape)} is ${show(g)}, expected ${show(w)} (${allowed}, off by ${Math.abs(g - w)}); ${wrong.length} of ${want.length} elements differ`
}

/** How a result differs from the expected tensor, as a sentence, or null. */
export const mismatch = async (got: unknown, want: Encoded, tolerance: Tolerance = {}): Promise<string | null> => {
  if (!(got instanceof Tensor)) return `returned ${String(got)}, expected a Tensor`
  if (got.shape.join() !== want.shape.join())
    return `shape [${got.shape.join(',')}], expected [${want.shape.join(',')}]`
  if (got.dtype !== want.dtype) return `dtype ${got.dtype}, expected ${want.dtype}`
  const rtol = tolerances[want.dtype]
  // Written by the shortest text of their float32.
  const single = rtol !== undefined && want.dtype !== 'float64'
  const data = want.data.map((x) => (single ? Math.fround(Number(x)) : Number(x)))
  const allowed = rtol === undefined ? { rtol: 0 } : { rtol, ...tolerance }
  return dataMismatch((await got.data()) as ArrayLike<number>, data, want.shape, allowed)
}

const largeMismatch = async (
  got: unknown,
  { shape, dtype, at, values, sums }: Large,
  tolerance: Tolerance,
): Promise<string | null> => {
  if (!(got instanceof Tensor)) return `returned ${String(got)}, expected a Tensor`
  if (got.shape.join() !== shape.join() || got.dtype !== dtype)
    return `${got.dtype}[${got.shape.join(',')}], expected ${dtype}[${shape.join(',')}]`
  const data = (await got.data()) as ArrayLike<number>
  for (const [k, index] of at.entries()) {
    const [g, w] = [Number(data[index]), Number(values[k])]
    if (
      g !== w &&
      !close(g, w, tolerances[dtype] === undefined ? { rtol: 0 } : { rtol: tolerances[dtype], ...tolerance })
    )
      return `element ${position(index, shape)} is ${show(g)}, expected ${show(w)} (off by ${Math.abs(g - w)})`
  }
  if (sums === undefined) return null
  let [plain, weighted] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    plain += Number(data[i])
    weighted += Number(data[i]) * (i % 13)
  }
  return plain === sums[0] && weighted === sums[1]
    ? null
    : `the elements sum to ${plain} (weighted ${weighted}), expected ${sums[0]} (weighted ${sums[1]})`
}

const keyMismatch = async (got: unknown, want: NonNullable<Case['key']>): Promise<string | null> => {
  if (!(got instanceof Tensor)) return `returned ${String(got)}, expected a Tensor`
  if (got.dtype !== 'key') return `dtype ${got.dtype}, expected key`
  return mismatch(random.keyData(got), { shape: [...want.shape, 2], dtype: 'uint32', data: want.data })
}

/** How the result of a case differs from what it expects, or null. */
export const caseMismatch = async (got: unknown, c: Case): Promise<string | null> => {
  if (c.key !== undefined) return keyMismatch(got, c.key)
  if (c.large !== undefined) return largeMismatch(got, c.large, c)
  if (c.expects === undefined)
    return c.expect === undefined ? 'the fixture expects nothing' : mismatch(got, c.expect, c)
  if (!Array.isArray(got) || got.length !== c.expects.length)
    return `returned ${String(got)}, expected ${c.expects.length} tensors`
  for (const [k, want] of c.expects.entries()) {
    const failure = await mismatch(got[k], want, c)
    if (failure !== null) return `result ${k}: ${failure}`
  }
  return null
}

/** How a tree of results differs from a tree of expected tensors: the path and the difference, or null. */
export const treeMismatch = async (
  got: unknown,
  want: unknown,
  tolerance: Tolerance,
  path = '',
): Promise<string | null> => {
  if (isRecord(want) && isEncoded(want)) {
    const failure = await mismatch(got, want as unknown as Encoded, tolerance)
    return failure === null ? null : `${path} ${failure}`
  }
  if (typeof want !== 'object' || want === null)
    return Object.is(got, want) ? null : `${path} ${String(got)}, expected ${String(want)}`
  if (typeof got !== 'object' || got === null || got instanceof Tensor)
    return `${path} ${String(got)}, expected keys ${Object.keys(want).join(', ')}`
  const [gotKeys, wantKeys] = [Object.keys(got).sort(), Object.keys(want).sort()]
  if (gotKeys.join() !== wantKeys.join()) return `${path} keys ${gotKeys.join(', ')}, expected ${wantKeys.join(', ')}`
  for (const [key, value] of Object.entries(want)) {
    const failure = await treeMismatch((got as Record<string, unknown>)[key], value, tolerance, `${path}/${key}`)
    if (failure !== null) return failure
  }
  return null
}
