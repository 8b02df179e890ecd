import type { TypedArray } from '../../core/dtype.js'
import { sizeOf } from '../../core/shape.js'
import type { ConvPlan } from '../../program/conv-plan.js'
import type { WindowReader } from './conv-window.js'

/** The kernel in the order in which the loops read it: positions, features, then the results of all groups. */
const orderedKernel = <A extends Float64Array | Int32Array>(
  plan: ConvPlan,
  positions: Int32Array,
  kernel: TypedArray,
  into: A,
): A => {
  const { feature, n: column, group } = plan.kernel
  let at = 0
  for (let q = 0; q < positions.length; q++)
    for (let f = 0; f < plan.features; f++)
      for (let g = 0; g < plan.groups; g++)
        for (let j = 0; j < plan.n; j++) into[at++] = kernel[positions[q]! + f * feature + g * group + j * column]!
  return into
}

/** Adds one element times its weights to the sums; integers wrap at 32 bits. */
type AddTerms = (sums: never, weights: never, at: number, from: number, n: number, value: number) => void

const addFloats = (
  sums: Float64Array,
  weights: Float64Array,
  at: number,
  from: number,
  n: number,
  value: number,
): void => {
  for (let j = 0; j < n; j++) sums[at + j] = sums[at + j]! + value * weights[from + j]!
}

const addIntegers = (
  sums: Int32Array,
  weights: Int32Array,
  at: number,
  from: number,
  n: number,
  value: number,
): void => {
  for (let j = 0; j < n; j++) sums[at + j] = sums[at + j]! + Math.imul(value, weights[from + j]!)
}

const run = (
  plan: ConvPlan,
  reader: WindowReader,
  x: TypedArray,
  weights: Float64Array | Int32Array,
  sums: Float64Array | Int32Array,
  out: TypedArray,
): void => {
  const { batch, features, groups, n } = plan
  const places = sizeOf(plan.out)
  const width = groups * n
  const offsets = new Int32Array(reader.size)
  const add: AddTerms = sums instanceof Float64Array ? addFloats : addIntegers
  for (let place = 0; place < places; place++) {
    reader.offsets(place, offsets, 0, reader.size)
    for (let b = 0; b < batch; b++) {
      sums.fill(0)
      for (let q = 0; q < reader.size; q++) {
        if (offsets[q]! < 0) continue
        for (let f = 0; f < features; f++) {
          const base = b * plan.x.batch + offsets[q]! + f * plan.x.feature
          const from = (q * features + f) * width
          for (let g = 0; g < groups; g++)
            add(sums as never, weights as never, g * n, from + g * n, n, x[base + g * plan.x.group]!)
        }
      }
      const at = (b * places + place) * width
      for (let j = 0; j < width; j++) out[at + j] = sums[j]!
    }
  }
}

/** One sum per result, for integers and for groups that give few features; skips the padding. */
export const compileDirectConv =
  (
    plan: ConvPlan,
    reader: WindowReader,
    positions: Int32Array,
  ): ((x: TypedArray, kernel: TypedArray, out: TypedArray) => void) =>
  (x, kernel, out) => {
    const width = plan.groups * plan.n
    const size = positions.length * plan.features * width
    if (out instanceof Float32Array || out instanceof Float64Array)
      run(plan, reader, x, orderedKernel(plan, positions, kernel, new Float64Array(size)), new Float64Array(width), out)
    else run(plan, reader, x, orderedKernel(plan, positions, kernel, new Int32Array(size)), new Int32Array(width), out)
  }
