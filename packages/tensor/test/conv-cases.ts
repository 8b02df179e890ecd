import { fc } from '@fast-check/vitest'
import type { TypedArray } from '@linum/tensor'
import { decoded, encodeInto, hostArray, hostOf } from '../src/core/host.js'
import { isFloat, isHalf, type StoredDType } from '../src/core/dtype.js'
import { sizeOf } from '../src/core/shape.js'
import { compileConv } from '../src/device/js/conv.js'
import { dilated, places } from '../src/primitives/conv.js'
import type { ConvPlan } from '../src/program/conv-plan.js'

/** One spatial axis of a convolution. */
export interface SpaceAxis {
  readonly input: number
  readonly window: number
  readonly stride?: number
  readonly padding?: readonly [number, number]
  readonly lhsDilation?: number
  readonly rhsDilation?: number
}

export interface ConvCase {
  readonly batch: number
  readonly features: number
  /** Results per group. */
  readonly n: number
  readonly space: readonly SpaceAxis[]
  readonly groups?: number
  readonly batchGroups?: number
  /** Numbers that decide the order of the operands' axes in memory; row-major without. */
  readonly order?: readonly [x: number, kernel: number]
}

/** Strides of an array whose axes lie in memory in the order that `seed` picks; 0 is row-major. */
const stridesIn = (shape: readonly number[], seed: number): number[] => {
  const axes = shape.map((_, i) => i)
  const order: number[] = []
  for (let rest = seed; axes.length > 0; rest = Math.floor(rest / 7)) order.push(...axes.splice(rest % axes.length, 1))
  const strides = shape.map(() => 0)
  let step = 1
  for (const axis of order.reverse()) {
    strides[axis] = step
    step *= Math.max(1, shape[axis]!)
  }
  return strides
}

export const planOf = ({
  batch,
  features,
  n,
  space,
  groups = 1,
  batchGroups = 1,
  order = [0, 0],
}: ConvCase): ConvPlan => {
  const parts = groups * batchGroups
  const [input, window] = [space.map((a) => a.input), space.map((a) => a.window)]
  const xs = stridesIn([batch * batchGroups, ...input, features * groups], order[0])
  const ks = stridesIn([...window, features, n * parts], order[1])
  const d = space.length
  const padding = space.map((a) => a.padding ?? ([0, 0] as const))
  const [lhsDilation, rhsDilation] = [space.map((a) => a.lhsDilation ?? 1), space.map((a) => a.rhsDilation ?? 1)]
  const strides = space.map((a) => a.stride ?? 1)
  const out = space.map((a, i) =>
    places(
      dilated(a.input, lhsDilation[i]!) + padding[i]![0] + padding[i]![1],
      dilated(a.window, rhsDilation[i]!),
      strides[i]!,
    ),
  )
  return {
    batch,
    input,
    window,
    out,
    groups: parts,
    features,
    n,
    strides,
    padding,
    lhsDilation,
    rhsDilation,
    x: {
      batch: xs[0]!,
      spatial: xs.slice(1, -1),
      feature: xs[d + 1]!,
      group: batchGroups > 1 ? batch * xs[0]! : features * xs[d + 1]!,
    },
    kernel: { spatial: ks.slice(0, -2), feature: ks[d]!, n: ks[d + 1]!, group: n * ks[d + 1]! },
  }
}

/** The elements of operands and result. */
export const sizesOf = (
  plan: ConvPlan,
  { batchGroups = 1 }: ConvCase,
): readonly [x: number, kernel: number, out: number] => {
  const { batch, input, window, out, groups, features, n } = plan
  return [
    batch * sizeOf(input) * features * (batchGroups > 1 ? batchGroups : groups),
    sizeOf(window) * features * n * groups,
    batch * sizeOf(out) * n * groups,
  ]
}

/** Small whole numbers, or for `spread` above 0 fractions between plus and minus that. */
export const samples = (dtype: StoredDType, length: number, seed: number, spread = 0): TypedArray => {
  let state = seed * 2654435761 + 12345
  return hostOf(
    dtype,
    Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return spread > 0 ? (state / 2 ** 31 - 1) * spread : ((state >>> 24) % 7) - (isFloat(dtype) ? 3 : 0)
    }),
  )
}

/** What the JavaScript routine computes. */
export const expected = (
  plan: ConvPlan,
  dtype: StoredDType,
  x: TypedArray,
  kernel: TypedArray,
  size: number,
): TypedArray => {
  const wide = isHalf(dtype) ? new Float32Array(size) : hostArray(dtype, size)
  compileConv(plan)(decoded(dtype, x), decoded(dtype, kernel), wide)
  if (!isHalf(dtype)) return wide
  const out = hostArray(dtype, size)
  encodeInto(dtype, out, wide)
  return out
}

const count = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })

const axis: fc.Arbitrary<SpaceAxis> = fc
  .record({
    input: fc.integer({ min: 0, max: 9 }),
    window: count(4),
    stride: count(3),
    padding: fc.tuple(fc.integer({ min: -2, max: 4 }), fc.integer({ min: -2, max: 4 })),
    lhsDilation: fc.constantFrom(1, 1, 1, 2, 3),
    rhsDilation: fc.constantFrom(1, 1, 1, 2, 3),
  })
  .filter((a) => dilated(a.input, a.lhsDilation) + a.padding[0] + a.padding[1] >= 0)

/** Keeps tests quick. */
const isSmall = (c: ConvCase): boolean => {
  const plan = planOf(c)
  const [, kernel, size] = sizesOf(plan, c)
  return (size * kernel) / (c.n * plan.groups) < 2e5
}

const anyCase: fc.Arbitrary<ConvCase> = fc
  .record({
    batch: count(4),
    features: fc.constantFrom(1, 1, 2, 3, 5, 8, 33, 70),
    n: fc.constantFrom(1, 1, 2, 3, 4, 5, 8, 9, 16, 21),
    space: fc.array(axis, { minLength: 0, maxLength: 3 }),
    parts: fc.constantFrom(1, 1, 1, 2, 3, 4, 5, 9),
    inBatch: fc.boolean(),
    order: fc.constantFrom<[number, number]>([0, 0], [0, 0], [1, 3], [40, 9], [117, 200], [5, 60]),
  })
  .map(({ parts, inBatch, ...c }) => ({ ...c, ...(inBatch ? { batchGroups: parts } : { groups: parts }) }))

/** Convolutions of every kind. */
export const cases: fc.Arbitrary<ConvCase> = anyCase.filter(isSmall)

/** Convolutions of operands with gaps between their elements, as gradients through strides are. */
export const spreadCases: fc.Arbitrary<ConvCase> = anyCase
  .map((c) => ({
    ...c,
    space: c.space.map((a) => ({
      ...a,
      input: a.input + 2,
      stride: 1,
      rhsDilation: 1,
      lhsDilation: 1 + (a.window % 3),
    })),
  }))
  .filter(isSmall)
