import { where } from '@linum/tensor'
import { bind1, baseTrace, type ShapeParams } from '@linum/tensor/core'
import { allBatched, type BatchRules, nothingToBatch, repeated, shifted } from './rule.js'

const later = (axes: readonly number[]): number[] => axes.map((a) => a + 1)

export const shapeBatching: BatchRules<ShapeParams> = {
  reshape: shifted('reshape', ({ shape }, n) => ({ shape: [n, ...shape] })),
  transpose: shifted('transpose', ({ perm }) => ({ perm: [0, ...later(perm)] })),
  broadcast_in_dim: shifted('broadcast_in_dim', ({ shape, dims }, n) => ({
    shape: [n, ...shape],
    dims: [0, ...later(dims)],
  })),
  slice: shifted('slice', ({ start, limit, stride }, n) => ({
    start: [0, ...start],
    limit: [n, ...limit],
    stride: [1, ...stride],
  })),
  pad: ({ inputs, batched, size, params }) => {
    const x = batched[0] === true ? inputs[0]! : repeated(inputs[0]!, size)
    const value = inputs[1]!
    const wide = { low: [0, ...params.low], high: [0, ...params.high], interior: [0, ...params.interior] }
    if (batched[1] !== true) return [bind1('pad', [x, value], wide)]
    // One padding value per entry: pad with anything, then put the value where nothing of x is.
    const zero = baseTrace().literal(0, x.dtype, false)
    const padded = bind1('pad', [x, zero], wide)
    const inside = bind1(
      'pad',
      [
        bind1('full', [], { shape: x.shape, value: true, dtype: 'bool', weak: false }),
        baseTrace().literal(false, 'bool', false),
      ],
      wide,
    )
    const column = bind1('reshape', [value], { shape: [size, ...params.low.map(() => 1)] })
    return [where(inside, padded, column)]
  },
  concatenate: (application) => [bind1('concatenate', allBatched(application), { axis: application.params.axis + 1 })],
  rev: shifted('rev', ({ axes }) => ({ axes: later(axes) })),
  iota: nothingToBatch,
  full: nothingToBatch,
}
