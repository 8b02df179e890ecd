import type { Padding } from '../primitives/conv.js'
import type { Atom, Equation } from './program.js'
import { stridesThrough } from './routines.js'

/**
 * A convolution with both operands walked in place; the result is row-major, [batch, ...out, groups * n]. Part g of
 * `groups` reads the operand from `x.group * g` on, the kernel from `kernel.group * g` on, and writes n features from
 * n * g on.
 */
export interface ConvPlan {
  readonly batch: number
  /** Per spatial axis: extents of the operand, of the window and of the result. */
  readonly input: readonly number[]
  readonly window: readonly number[]
  readonly out: readonly number[]
  readonly groups: number
  /** Features that one group takes in and gives. */
  readonly features: number
  readonly n: number
  readonly strides: readonly number[]
  readonly padding: readonly Padding[]
  readonly lhsDilation: readonly number[]
  readonly rhsDilation: readonly number[]
  /** Distances between elements in memory. */
  readonly x: {
    readonly batch: number
    readonly spatial: readonly number[]
    readonly feature: number
    readonly group: number
  }
  readonly kernel: {
    readonly spatial: readonly number[]
    readonly feature: number
    readonly n: number
    readonly group: number
  }
}

/** `reads` are the arrays that the operands stand for in memory. */
export const planConv = (
  eqn: Extract<Equation, { primitive: 'conv_general_dilated' }>,
  reads: readonly Atom[],
  producer: ReadonlyMap<Atom, Equation>,
): ConvPlan => {
  const { groups, batchGroups, strides, padding, lhsDilation, rhsDilation } = eqn.params
  const [x, k] = eqn.inputs.map((o) => o.aval.shape) as [readonly number[], readonly number[]]
  const [xs, ks] = eqn.inputs.map((o, i) => stridesThrough(o, reads[i]!, producer)) as [
    readonly number[],
    readonly number[],
  ]
  const result = eqn.outputs[0]!.aval.shape
  const last = x.length - 1
  const features = k[last - 1]!
  const n = k[last]! / (groups * batchGroups)
  return {
    batch: result[0]!,
    input: x.slice(1, -1),
    window: k.slice(0, -2),
    out: result.slice(1, -1),
    groups: groups * batchGroups,
    features,
    n,
    strides,
    padding,
    lhsDilation,
    rhsDilation,
    x: {
      batch: xs[0]!,
      spatial: xs.slice(1, -1),
      feature: xs[last]!,
      group: batchGroups > 1 ? result[0]! * xs[0]! : features * xs[last]!,
    },
    kernel: { spatial: ks.slice(0, -2), feature: ks[last - 1]!, n: ks[last]!, group: n * ks[last]! },
  }
}
