import type { Tensor } from '@linum/tensor'
import { bind1, baseTrace, type ShapeParams, sizeOf } from '@linum/tensor/core'
import { nothing, type ReverseRules, zerosOf } from './rule.js'

const zero = (x: Tensor): Tensor => baseTrace().literal(0, x.dtype, false)

export const shapeRules: ReverseRules<ShapeParams> = {
  reshape: ([ct], { inputs }) => [ct ? bind1('reshape', [ct], { shape: inputs[0]!.shape }) : null],
  transpose: ([ct], { params }) => [
    ct ? bind1('transpose', [ct], { perm: params.perm.map((_, i) => params.perm.indexOf(i)) }) : null,
  ],
  broadcast_in_dim: ([ct], { inputs, params }) => {
    if (!ct) return []
    const x = inputs[0]!
    const axes = params.shape
      .map((_, i) => i)
      .filter((i) => {
        const own = params.dims.indexOf(i)
        return own < 0 || (x.shape[own] === 1 && params.shape[i] !== 1)
      })
    const summed = axes.length === 0 ? ct : bind1('reduce_sum', [ct], { axes })
    return [bind1('reshape', [summed], { shape: x.shape })]
  },
  slice: ([ct], { inputs, params }) => {
    if (!ct) return []
    const x = inputs[0]!
    if (sizeOf(ct.shape) === 0) return [zerosOf(x)]
    const interior = params.stride.map((s) => s - 1)
    const high = x.shape.map((n, i) => n - (params.start[i]! + (ct.shape[i]! - 1) * params.stride[i]! + 1))
    return [bind1('pad', [ct, zero(ct)], { low: params.start, high, interior })]
  },
  pad: ([ct], { inputs, params, need }) => {
    if (!ct) return []
    const x = inputs[0]!
    const cut = bind1('pad', [ct, zero(ct)], {
      low: params.low.map((n) => -n),
      high: params.high.map((n) => -n),
      interior: params.low.map(() => 0),
    })
    const inner = bind1('slice', [cut], {
      start: cut.shape.map(() => 0),
      limit: cut.shape,
      stride: params.interior.map((n) => n + 1),
    })
    const own = sizeOf(x.shape) === 0 ? zerosOf(x) : inner
    return [own, need[1] === true ? ct.sum().sub(own.sum()) : null]
  },
  concatenate: ([ct], { inputs, params }) => {
    if (!ct) return []
    let from = 0
    return inputs.map((x) => {
      const start = ct.shape.map((_, i) => (i === params.axis ? from : 0))
      from += x.shape[params.axis]!
      const limit = ct.shape.map((n, i) => (i === params.axis ? from : n))
      return bind1('slice', [ct], { start, limit, stride: start.map(() => 1) })
    })
  },
  rev: ([ct], { params }) => [ct ? bind1('rev', [ct], params) : null],
  iota: nothing,
  full: nothing,
}
