import { where } from '@linum/tensor'
import { type BarrierParams, bind, bind1, type CollectiveParams } from '@linum/tensor/core'
import { constant, type ForwardRule, type ForwardRules, linear } from './rule.js'

/** The mean of the tangents of the entries that attain the extreme. */
const extreme: ForwardRule<CollectiveParams['pmax']> = ([t], { inputs, outputs, params }) => {
  if (!t) return []
  const attains = inputs[0]!.equal(outputs[0]!)
  const count = bind1('psum', [attains.astype(inputs[0]!.dtype)], params)
  return [bind1('psum', [where(attains, t, 0)], params).div(count)]
}

export const acrossForward: ForwardRules<CollectiveParams & BarrierParams> = {
  psum: linear('psum'),
  pmax: extreme,
  pmin: extreme,
  all_gather: linear('all_gather'),
  axis_index: constant,
  /** Tangents pass a barrier of their own. */
  optimization_barrier: (ts) => {
    const present = ts.filter((t) => t !== null)
    const passed = bind('optimization_barrier', present, null).values()
    return ts.map((t) => (t === null ? null : (passed.next().value ?? null)))
  },
  checkpoint_name: ([t]) => [t ?? null],
}
