import type { Tensor } from '@linum/tensor'
import { baseTrace, bind1, type IndexParams } from '@linum/tensor/core'
import { allBatched, type BatchRules, ownShape, repeated } from './rule.js'

type Starts = readonly Tensor[]

/** Where a window of whole batches starts. */
const origin = (): Tensor => baseTrace().literal(0, 'int32', false)

/** Positions of a window on the axes where it has room, for every batch entry, and those axes. */
const windowPositions = (
  shape: readonly number[],
  sizes: readonly number[],
  starts: Starts,
  size: number,
): { readonly axes: number[]; readonly positions: Tensor[] } => {
  const axes = shape.flatMap((n, i) => (sizes[i] === n ? [] : [i]))
  const common = [size, ...axes.map((a) => sizes[a]!)]
  const positions = axes.map((a, k) => {
    const start = starts[a]!.clip(0, shape[a]! - sizes[a]!)
    const column = start.ndim === 0 ? start : start.reshape([size, ...axes.map(() => 1)])
    return column.add(bind1('iota', [], { shape: common, axis: k + 1, dtype: 'int32' }))
  })
  return { axes, positions }
}

/** From the axes of the positions, then the others, to their order in the array behind the batch axis; and back. */
const windowOrder = (ndim: number, axes: readonly number[]): { readonly to: number[]; readonly from: number[] } => {
  const others = Array.from({ length: ndim }, (_, i) => i).filter((i) => !axes.includes(i))
  const from = [0, ...[...axes, ...others].map((a) => a + 1)]
  return { from, to: from.map((_, i) => from.indexOf(i)) }
}

/** For every position of a batched index tensor the number of its batch entry. */
const entryNumbers = (shape: readonly number[]): Tensor => bind1('iota', [], { shape, axis: 0, dtype: 'int32' })

export const indexBatching: BatchRules<IndexParams> = {
  gather: ({ inputs, batched, size, params }) => {
    const [x, ...indices] = inputs as readonly [Tensor, ...Tensor[]]
    const anyIndex = batched.slice(1).some(Boolean)
    const shifted = params.axes.map((a) => a + 1)
    if (!anyIndex) {
      // The batch axis of x stays among the axes that are not indexed: it comes right after those of the indices.
      const picked = bind1('gather', [x, ...indices], { ...params, axes: shifted })
      const lead = ownShape(indices[0]!, false).length
      return [
        bind1('transpose', [picked], { perm: [lead, ...picked.shape.map((_, i) => i).filter((i) => i !== lead)] }),
      ]
    }
    const wide = indices.map((idx, k) => (batched[k + 1] === true ? idx : repeated(idx, size)))
    if (batched[0] !== true) return [bind1('gather', [x, ...wide], params)]
    return [bind1('gather', [x, entryNumbers(wide[0]!.shape), ...wide], { ...params, axes: [0, ...shifted] })]
  },
  scatter: (application) => {
    const wide = allBatched(application)
    const [x, ...rest] = wide as readonly [Tensor, ...Tensor[]]
    const indices = rest.slice(0, -1)
    const updates = rest[rest.length - 1]!
    const axes = [0, ...application.params.axes.map((a) => a + 1)]
    return [
      bind1('scatter', [x, entryNumbers(indices[0]!.shape), ...indices, updates], { ...application.params, axes }),
    ]
  },
  dynamic_slice: ({ inputs, batched, size, params: { sizes } }) => {
    const [x, ...starts] = inputs as readonly [Tensor, ...Tensor[]]
    const shape = ownShape(x, batched[0])
    if (!batched.slice(1).some(Boolean))
      return [bind1('dynamic_slice', [x, origin(), ...starts], { sizes: [size, ...sizes] })]
    const { axes, positions } = windowPositions(shape, sizes, starts, size)
    if (axes.length === 0) return [batched[0] === true ? x : repeated(x, size)]
    const own = batched[0] === true
    const indices = own ? [entryNumbers(positions[0]!.shape), ...positions] : positions
    const picked = bind1('gather', [x, ...indices], {
      axes: own ? [0, ...axes.map((a) => a + 1)] : axes,
      mode: 'clip',
      fill: 0,
    })
    return [bind1('transpose', [picked], { perm: windowOrder(shape.length, axes).to })]
  },
  dynamic_update_slice: (application) => {
    const { inputs, batched, size } = application
    const [x, update, ...starts] = inputs as readonly [Tensor, Tensor, ...Tensor[]]
    const wide = [x, update].map((t, i) => (batched[i] === true ? t : repeated(t, size)))
    if (!batched.slice(2).some(Boolean)) return [bind1('dynamic_update_slice', [...wide, origin(), ...starts], null)]
    const shape = ownShape(x, batched[0])
    const { axes, positions } = windowPositions(shape, ownShape(update, batched[1]), starts, size)
    if (axes.length === 0) return [wide[1]!]
    const updates = bind1('transpose', [wide[1]!], { perm: windowOrder(shape.length, axes).from })
    return [
      bind1('scatter', [wide[0]!, entryNumbers(positions[0]!.shape), ...positions, updates], {
        axes: [0, ...axes.map((a) => a + 1)],
        op: 'set',
      }),
    ]
  },
}
