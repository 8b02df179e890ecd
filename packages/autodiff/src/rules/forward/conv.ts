import { bind1, type ConvParams, type PrimitiveParams, type WindowParams } from '@linum/tensor/core'
import { extremePlaces } from '../window.js'
import { constant, type ForwardRule, type ForwardRules } from './rule.js'

/** An extreme's tangent is that of the element that attains it. */
const reduceWindow: ForwardRule<PrimitiveParams['reduce_window']> = ([t], { inputs, outputs, params }) => {
  if (!t) return []
  if (params.op === 'sum') return [bind1('reduce_window', [t], params)]
  if (t.size === 0) return [null]
  const places = extremePlaces(inputs[0]!, outputs[0]!, params)
  return [bind1('gather', [bind1('reshape', [t], { shape: [t.size] }), places], { axes: [0], mode: 'fill', fill: 0 })]
}

export const convForward: ForwardRules<ConvParams & WindowParams> = {
  conv_general_dilated: ([s, t], { inputs, params }) => {
    const parts = [
      s ? bind1('conv_general_dilated', [s, inputs[1]!], params) : null,
      t ? bind1('conv_general_dilated', [inputs[0]!, t], params) : null,
    ].filter((p) => p !== null)
    return [parts.length === 0 ? null : parts.reduce((a, b) => a.add(b))]
  },
  reduce_window: reduceWindow,
  window_argument: constant,
}
