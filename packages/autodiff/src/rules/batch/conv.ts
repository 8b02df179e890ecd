import type { Tensor } from '@linum/tensor'
import { bind1, type ConvParams, type PrimitiveParams } from '@linum/tensor/core'
import type { BatchRules } from './rule.js'

type Params = PrimitiveParams['conv_general_dilated']

const reshape = (x: Tensor, shape: readonly number[]): Tensor => bind1('reshape', [x], { shape })
const convolve = (x: Tensor, kernel: Tensor, params: Params): Tensor =>
  bind1('conv_general_dilated', [x, kernel], params)

/** Moves an axis; the others keep their order. */
const move = (x: Tensor, from: number, to: number): Tensor => {
  if (from === to) return x
  const perm = x.shape.map((_, i) => i).filter((i) => i !== from)
  perm.splice(to, 0, from)
  return bind1('transpose', [x], { perm })
}

/** Cuts an axis into `parts` and what each of them holds. */
const cut = (x: Tensor, axis: number, parts: number): Tensor =>
  reshape(x, [...x.shape.slice(0, axis), parts, x.shape[axis]! / parts, ...x.shape.slice(axis + 1)])

/** Joins an axis with the next one. */
const join = (x: Tensor, axis: number): Tensor =>
  reshape(x, [...x.shape.slice(0, axis), x.shape[axis]! * x.shape[axis + 1]!, ...x.shape.slice(axis + 2)])

/** Batch entries of the operand are more of its own batch, within each of its groups. */
const batchedOperand = (x: Tensor, kernel: Tensor, size: number, params: Params): Tensor => {
  const { batchGroups } = params
  const entries = batchGroups === 1 ? x : join(move(cut(x, 1, batchGroups), 0, 1), 0)
  const out = convolve(join(entries, 0), kernel, params)
  return cut(out, 0, size)
}

/** Batch entries of the kernel are more features out, within each group. */
const batchedKernel = (x: Tensor, kernel: Tensor, size: number, params: Params): Tensor => {
  const parts = params.groups * params.batchGroups
  const last = kernel.ndim - 1
  const wide = join(join(move(cut(kernel, last, parts), 0, last), last), last - 1)
  const out = convolve(x, wide, params)
  const axis = out.ndim - 1
  // The features of the result count groups, then entries, then what a group gives.
  return join(move(cut(cut(out, axis, parts), axis + 1, size), axis + 1, 0), axis + 1)
}

/** Batch entries of both are groups that do not see each other. */
const batchedBoth = (x: Tensor, kernel: Tensor, size: number, params: Params): Tensor => {
  const last = kernel.ndim - 1
  const wide = join(move(kernel, 0, last - 1), last - 1)
  const out =
    params.batchGroups > 1
      ? convolve(join(x, 0), wide, { ...params, batchGroups: params.batchGroups * size })
      : convolve(join(move(x, 0, x.ndim - 2), x.ndim - 2), wide, { ...params, groups: params.groups * size })
  const axis = out.ndim - 1
  return move(cut(out, axis, size), axis, 0)
}

export const convBatching: BatchRules<ConvParams> = {
  conv_general_dilated: ({ inputs, batched, size, params }) => {
    const [x, kernel] = inputs as readonly [Tensor, Tensor]
    const rule = batched[0] !== true ? batchedKernel : batched[1] !== true ? batchedOperand : batchedBoth
    return [rule(x, kernel, size, params)]
  },
}
