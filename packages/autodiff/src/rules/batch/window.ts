import { type Tensor, where } from '@linum/tensor'
import { bind1, sizeOf, type WindowParams, type Windows } from '@linum/tensor/core'
import { allBatched, type BatchRules } from './rule.js'

/** The same windows, one for each batch entry. */
const eachEntry = <P extends Windows>(p: P): P => ({
  ...p,
  window: [1, ...p.window],
  strides: [1, ...p.strides],
  padding: [[0, 0], ...p.padding],
  baseDilation: [1, ...p.baseDilation],
  windowDilation: [1, ...p.windowDilation],
})

export const windowBatching: BatchRules<WindowParams> = {
  reduce_window: ({ inputs, params }) => [bind1('reduce_window', inputs, eachEntry(params))],
  window_argument: (application) => {
    const [x, values] = allBatched(application) as readonly [Tensor, Tensor]
    const places = bind1('window_argument', [x, values], eachEntry(application.params))
    // Places count from the start of the whole batch.
    const entries = bind1('iota', [], { shape: places.shape, axis: 0, dtype: 'int32' })
    return [where(places.less(0), places, places.sub(entries.mul(sizeOf(x.shape.slice(1)))))]
  },
}
