import { bind, bind1, type SortParams } from '@linum/tensor/core'
import type { ReverseRules } from './rule.js'

export const sortRules: ReverseRules<SortParams> = {
  sort: (cts, { inputs, params: { axis, numKeys = 1 } }) => {
    const positions = bind1('iota', [], { shape: inputs[0]!.shape, axis, dtype: 'int32' })
    const order = bind('sort', [...inputs.slice(0, numKeys), positions], { axis, numKeys })[numKeys]!
    // Sorting by where each element came from brings cotangents back there.
    return cts.map((ct) => (ct ? bind('sort', [order, ct], { axis })[1]! : null))
  },
}
