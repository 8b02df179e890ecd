import { take, type Tensor, where } from '@linum/tensor'
import { type BarrierParams, bind1, type CollectiveParams } from '@linum/tensor/core'
import { nothing, type ReverseRule, type ReverseRules } from './rule.js'

/** The cotangents of all entries in equal shares to the entries that attain the extreme. */
const extreme: ReverseRule<CollectiveParams['pmax']> = ([ct], { inputs, outputs, params }) => {
  if (!ct) return []
  const [x, out] = [inputs[0]!, outputs[0]!]
  const attains = x.equal(out)
  const count = bind1('psum', [attains.astype(x.dtype)], params)
  return [where(attains, bind1('psum', [ct], params).div(count), 0)]
}

/** Of operations across entries: every entry's result may depend on every entry's operand, so cotangents are summed over all. */
export const acrossRules: ReverseRules<CollectiveParams & BarrierParams> = {
  psum: ([ct], { params }) => [ct ? bind1('psum', [ct], params) : null],
  pmax: extreme,
  pmin: extreme,
  all_gather: ([ct], { params }) => {
    if (!ct) return []
    const all: Tensor = bind1('psum', [ct], { names: [params.name] })
    return [take(all, bind1('axis_index', [], { name: params.name }), { axis: params.dimension })]
  },
  axis_index: nothing,
  optimization_barrier: (cts) => cts,
  checkpoint_name: (cts) => cts,
}
