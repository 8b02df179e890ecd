import { onesLike, where } from '@linum/tensor'
import {
  type BarrierParams,
  bind,
  bind1,
  type CollectiveParams,
  type ConvParams,
  type EffectParams,
  type ElementwiseParams,
  type PrimitiveParams,
  type RoutineParams,
  type WindowParams,
} from '@linum/tensor/core'
import type { Carrying } from '../../control/carrying.js'
import { productCotangents, spread } from '../reduce.js'
import { constant, filled, type ForwardRule, type ForwardRules, linear } from './rule.js'
import { scatterForward } from './scatter.js'

type Params = Omit<
  PrimitiveParams,
  | keyof EffectParams
  | keyof ElementwiseParams
  | keyof ConvParams
  | keyof WindowParams
  | keyof RoutineParams
  | keyof CollectiveParams
  | keyof BarrierParams
  | Carrying
>

/** The mean of the tangents of all elements that attain the extreme. */
const extreme: ForwardRule<PrimitiveParams['reduce_max']> = ([t], { inputs, outputs, params: { axes } }) => {
  if (!t) return []
  const x = inputs[0]!
  const attains = x.equal(spread(outputs[0]!, x.shape, axes))
  return [
    where(attains, t, 0)
      .sum({ axis: axes })
      .div(attains.astype(x.dtype).sum({ axis: axes })),
  ]
}

export const structuralForward: ForwardRules<Params> = {
  reshape: linear('reshape'),
  transpose: linear('transpose'),
  broadcast_in_dim: linear('broadcast_in_dim'),
  slice: linear('slice'),
  rev: linear('rev'),
  pad: ([t, v], { inputs, params }) => [bind1('pad', [filled(t, inputs[0]!), filled(v, inputs[1]!)], params)],
  concatenate: (ts, { inputs, params }) => [
    bind1(
      'concatenate',
      inputs.map((x, i) => filled(ts[i], x)),
      params,
    ),
  ],
  iota: constant,
  full: constant,
  reduce_sum: linear('reduce_sum'),
  reduce_prod: ([t], { inputs, outputs, params: { axes } }) => [
    t ? t.mul(productCotangents(inputs[0]!, onesLike(outputs[0]!), axes)).sum({ axis: axes }) : null,
  ],
  reduce_max: extreme,
  reduce_min: extreme,
  reduce_and: constant,
  reduce_or: constant,
  argmax: constant,
  argmin: constant,
  cumsum: linear('cumsum'),
  gather: ([t], { inputs, params }) => [t ? bind1('gather', [t, ...inputs.slice(1)], { ...params, fill: 0 }) : null],
  scatter: scatterForward,
  dynamic_slice: linear('dynamic_slice'),
  dynamic_update_slice: ([s, t], { inputs: [x, update, ...starts] }) => [
    bind1('dynamic_update_slice', [filled(s, x!), filled(t, update!), ...starts], null),
  ],
  dot_general: ([s, t], { inputs, params }) => {
    const parts = [
      s ? bind1('dot_general', [s, inputs[1]!], params) : null,
      t ? bind1('dot_general', [inputs[0]!, t], params) : null,
    ].filter((p) => p !== null)
    return [parts.length === 0 ? null : parts.reduce((a, b) => a.add(b))]
  },
  sort: (ts, { inputs, params: { axis, numKeys = 1 } }) => {
    const positions = bind1('iota', [], { shape: inputs[0]!.shape, axis, dtype: 'int32' })
    const order = bind('sort', [...inputs.slice(0, numKeys), positions], { axis, numKeys })[numKeys]!
    // Where each element goes: sorting tangents by it moves them along.
    const rank = bind('sort', [order, positions], { axis })[1]!
    return ts.map((t) => (t ? bind('sort', [rank, t], { axis })[1]! : null))
  },
  random_bits: constant,
  random_split: constant,
  random_fold_in: constant,
  random_unwrap: constant,
  random_wrap: constant,
}
