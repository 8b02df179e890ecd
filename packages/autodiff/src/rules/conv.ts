import type { Tensor } from '@linum/tensor'
import { bind1, type ConvParams, dilated, type PrimitiveParams } from '@linum/tensor/core'
import { type ReverseRules, zerosOf } from './rule.js'

type Params = PrimitiveParams['conv_general_dilated']
type Pair = readonly [number, number]

const transpose = (x: Tensor, perm: readonly number[]): Tensor => bind1('transpose', [x], { perm })
const reshape = (x: Tensor, shape: readonly number[]): Tensor => bind1('reshape', [x], { shape })
const convolve = (x: Tensor, kernel: Tensor, params: Params): Tensor =>
  bind1('conv_general_dilated', [x, kernel], params)

/** The axes between the batch and the features. */
const spatialAxes = (x: Tensor): number[] => Array.from({ length: x.ndim - 2 }, (_, i) => i + 1)

/** Extents along the spatial axes: of the dilated operand, the dilated window and the dilated result. */
const reaches = (x: Tensor, kernel: Tensor, ct: Tensor, p: Params) =>
  p.strides.map((stride, i) => ({
    input: dilated(x.shape[i + 1]!, p.lhsDilation[i]!),
    window: dilated(kernel.shape[i]!, p.rhsDilation[i]!),
    out: dilated(ct.shape[i + 1]!, stride),
  }))

/** Reversed in space, with features in and out exchanged within each of `parts` groups: [window, out / parts, in * parts]. */
const flipped = (kernel: Tensor, parts: number): Tensor => {
  const n = kernel.ndim - 2
  const window = kernel.shape.slice(0, n)
  const axes = window.map((_, i) => i)
  const [features, out] = [kernel.shape[n]!, kernel.shape[n + 1]! / parts]
  const reversed = n === 0 ? kernel : bind1('rev', [kernel], { axes })
  if (parts === 1) return transpose(reversed, [...axes, n + 1, n])
  const split = transpose(reshape(reversed, [...window, features, parts, out]), [...axes, n + 2, n + 1, n])
  return reshape(split, [...window, out, parts * features])
}

/** The operand's cotangent: the result's, spread apart by the strides, convolved with the flipped kernel. */
const operandCotangent = (ct: Tensor, x: Tensor, kernel: Tensor, p: Params): Tensor => {
  const parts = p.groups * p.batchGroups
  const padding = reaches(x, kernel, ct, p).map(({ input, window, out }, i): Pair => {
    const low = window - p.padding[i]![0] - 1
    return [low, input + window - 1 - out - low]
  })
  const back = convolve(ct, flipped(kernel, parts), {
    strides: p.lhsDilation,
    padding,
    lhsDilation: p.strides,
    rhsDilation: p.rhsDilation,
    groups: parts,
    batchGroups: 1,
  })
  if (p.batchGroups === 1) return back
  // Group g of the features is batch group g.
  const space = spatialAxes(x)
  const split = reshape(back, [...back.shape.slice(0, -1), parts, x.shape[x.ndim - 1]!])
  return reshape(transpose(split, [x.ndim - 1, 0, ...space, x.ndim]), x.shape)
}

/** The kernel's cotangent: the operand convolved with the result's cotangent, where batches count as features. */
const kernelCotangent = (ct: Tensor, x: Tensor, kernel: Tensor, p: Params): Tensor => {
  const space = spatialAxes(x)
  const last = x.ndim - 1
  const padding = reaches(x, kernel, ct, p).map(({ input, window, out }, i): Pair => {
    const low = p.padding[i]![0]
    return [low, out - input + window - low - 1]
  })
  const back = convolve(transpose(x, [last, ...space, 0]), transpose(ct, [...space, 0, last]), {
    strides: p.rhsDilation,
    padding,
    lhsDilation: p.lhsDilation,
    rhsDilation: p.strides,
    groups: p.batchGroups,
    batchGroups: p.groups,
  })
  return transpose(back, [...space, 0, last])
}

export const convRules: ReverseRules<ConvParams> = {
  conv_general_dilated: ([ct], { inputs, params, need }) => {
    if (!ct) return []
    const [x, kernel] = inputs as readonly [Tensor, Tensor]
    const empty = ct.size === 0
    return [
      need[0] === true ? (empty ? zerosOf(x) : operandCotangent(ct, x, kernel, params)) : null,
      need[1] === true ? (empty ? zerosOf(kernel) : kernelCotangent(ct, x, kernel, params)) : null,
    ]
  },
}
