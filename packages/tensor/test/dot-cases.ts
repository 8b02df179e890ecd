import { fc } from '@fast-check/vitest'
import type { TypedArray } from '@linum/tensor'
import { isFloat, isHalf, isSigned, type StoredDType } from '../src/core/dtype.js'
import { decoded, encodeInto, fitOf, hostArray, storedNumber } from '../src/core/host.js'
import { compileDot, walkOffsets } from '../src/device/js/dot.js'
import { type Atom, type Equation, makeVar, type Var } from '../src/program/program.js'
import { type DotPlan, planDot } from '../src/program/routines.js'

/** Extents of the axes of a product, and numbers that pick the order in which each operand's axes lie in memory. */
export interface DotCase {
  readonly batch: readonly number[]
  readonly m: readonly number[]
  readonly n: readonly number[]
  readonly k: readonly number[]
  readonly order?: readonly [left: number, right: number]
}

/** The order of `count` axes that a number picks; 0 leaves them as they are. */
const orderOf = (count: number, seed: number): number[] => {
  const axes = Array.from({ length: count }, (_, i) => i)
  const order: number[] = []
  for (let rest = seed; axes.length > 0; rest = Math.floor(rest / 5)) order.push(...axes.splice(rest % axes.length, 1))
  return order
}

/** The plan of an equation whose operands are transposes of stored arrays. */
export const planOf = ({ batch, m, n, k, order = [0, 0] }: DotCase): DotPlan => {
  const producer = new Map<Atom, Equation>()
  const operand = (shape: readonly number[], seed: number): readonly [Var, Var] => {
    const perm = orderOf(shape.length, seed)
    const type = (s: readonly number[]) => ({ shape: s, dtype: 'float32', weak: false }) as const
    // perm says which stored axis each axis of the operand is.
    const stored: number[] = []
    perm.forEach((p, axis) => (stored[p] = shape[axis]!))
    const read = makeVar(type(stored))
    const x = makeVar(type(shape))
    producer.set(x, { primitive: 'transpose', params: { perm }, inputs: [read], outputs: [x] })
    return [x, read]
  }
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i)
  const [b, f, c] = [batch.length, m.length, k.length]
  const [x, xs] = operand([...batch, ...m, ...k], order[0])
  const [y, ys] = operand([...batch, ...k, ...n], order[1])
  const result = makeVar({ shape: [...batch, ...m, ...n], dtype: 'float32', weak: false })
  return planDot(
    {
      primitive: 'dot_general',
      params: { contract: [range(b + f, c), range(b, c)], batch: [range(0, b), range(0, b)] },
      inputs: [x, y],
      outputs: [result],
    },
    [xs, ys],
    producer,
  )
}

/** A product of two matrices. */
export const matrices = (m: number, n: number, k: number, order: readonly [number, number] = [0, 0]): DotCase => ({
  batch: [],
  m: [m],
  n: [n],
  k: [k],
  order,
})

const extents = (most: number, count: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: most }), { minLength: 1, maxLength: count })

/** Small products of every kind: with vectors, empty, several axes of each kind, axes in any order. */
export const cases: fc.Arbitrary<DotCase> = fc.record({
  batch: fc.oneof(fc.constant([]), extents(3, 2)),
  m: fc.oneof(fc.constant([]), fc.constant([1]), extents(20, 1), extents(5, 2)),
  n: fc.oneof(fc.constant([]), fc.constant([1]), extents(20, 1), extents(5, 2)),
  k: fc.oneof(fc.constant([]), extents(20, 1), extents(5, 2)),
  order: fc.tuple(fc.nat(999), fc.nat(999)),
})

export const numbers: readonly StoredDType[] = [
  'uint8',
  'uint16',
  'uint32',
  'int8',
  'int16',
  'int32',
  'bfloat16',
  'float16',
  'float32',
  'float64',
]

/** Pseudo-random numbers that a dtype holds: whole ones up to 4 where `exact`. */
export const samples = (dtype: StoredDType, length: number, seed: number, exact: boolean): TypedArray => {
  let state = (seed * 2654435761 + 12345) >>> 0
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const low = isSigned(dtype) ? -4 : 0
  const wild = isFloat(dtype) ? () => (next() - 0.5) * 4 : () => Math.floor(next() * 2 ** 32) | 0
  const one = exact ? () => low + Math.floor(next() * (5 - low)) : wild
  const out = hostArray(dtype, length)
  for (let i = 0; i < length; i++) out[i] = storedNumber(dtype, one())
  return out
}

export const sizesOf = (plan: DotPlan): readonly [left: number, right: number, result: number] => [
  plan.batch * plan.m * plan.k,
  plan.batch * plan.k * plan.n,
  plan.batch * plan.m * plan.n,
]

/** What the js device gives: float sums in float64, rounded once. */
export const reference = (plan: DotPlan, dtype: StoredDType, left: TypedArray, right: TypedArray): TypedArray => {
  const out = hostArray(dtype, sizesOf(plan)[2])
  const wide = isHalf(dtype) ? new Float32Array(out.length) : out
  compileDot(plan)(decoded(dtype, left), decoded(dtype, right), wide)
  if (wide !== out) encodeInto(dtype, out, wide)
  return out
}

/**
 * Every bit by definition: an element's products are added in order within blocks of 256, blocks are added in order. With
 * `fused` each addition rounds once; that is exact here as long as a product and its sum fit in float64.
 */
export const bitwise = (
  plan: DotPlan,
  dtype: StoredDType,
  left: TypedArray,
  right: TypedArray,
  fused: boolean,
): TypedArray => {
  const [a, b] = [decoded(dtype, left), decoded(dtype, right)]
  const out = hostArray(dtype, sizesOf(plan)[2])
  const round = dtype === 'float64' ? (x: number): number => x : isFloat(dtype) ? Math.fround : (x: number) => x | 0
  const times = isFloat(dtype) ? (x: number, y: number): number => (fused ? x * y : round(x * y)) : Math.imul
  const [l, r] = [plan.left, plan.right].map((s) => ({
    batch: walkOffsets(s.batch),
    free: walkOffsets(s.free),
    contract: walkOffsets(s.contract),
  }))
  const results: number[] = []
  for (let item = 0; item < plan.batch; item++) {
    for (let i = 0; i < plan.m; i++) {
      for (let j = 0; j < plan.n; j++) {
        let total = 0
        for (let from = 0; from < plan.k; from += 256) {
          let sum = 0
          for (let p = from; p < Math.min(plan.k, from + 256); p++) {
            const x = a[l!.batch[item]! + l!.free[i]! + l!.contract[p]!]!
            sum = round(sum + times(x, b[r!.batch[item]! + r!.free[j]! + r!.contract[p]!]!))
          }
          total = from === 0 ? sum : round(total + sum)
        }
        results.push(fitOf(dtype)(total))
      }
    }
  }
  encodeInto(dtype, out, results)
  return out
}
