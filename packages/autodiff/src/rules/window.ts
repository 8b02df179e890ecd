import type { Tensor } from '@linum/tensor'
import { bind1, dilated, type WindowParams, type Windows } from '@linum/tensor/core'
import { nothing, type ReverseRules, zerosOf } from './rule.js'

const flat = (x: Tensor): Tensor => bind1('reshape', [x], { shape: [x.size] })

const windowsOf = ({ window, strides, padding, baseDilation, windowDilation }: Windows): Windows => ({
  window,
  strides,
  padding,
  baseDilation,
  windowDilation,
})

/** Where the extreme of each window is in the flat operand; -1 for a window without elements. */
export const extremePlaces = (x: Tensor, extremes: Tensor, params: Windows): Tensor =>
  bind1('window_argument', [x, extremes], windowsOf(params))

/** Every element's cotangent is the sum over the windows that hold it: windows over the spread cotangent. */
const sumCotangent = (ct: Tensor, x: Tensor, p: Windows): Tensor =>
  bind1('reduce_window', [ct], {
    op: 'sum',
    window: p.window,
    strides: p.baseDilation,
    padding: x.shape.map((n, i) => {
      const window = dilated(p.window[i]!, p.windowDilation[i]!)
      const low = window - p.padding[i]![0] - 1
      return [low, dilated(n, p.baseDilation[i]!) + window - 1 - dilated(ct.shape[i]!, p.strides[i]!) - low]
    }),
    baseDilation: p.strides,
    windowDilation: p.windowDilation,
  })

export const windowRules: ReverseRules<WindowParams> = {
  reduce_window: ([ct], { inputs, outputs, params }) => {
    if (!ct) return []
    const x = inputs[0]!
    if (x.size === 0 || ct.size === 0) return [zerosOf(x)]
    if (params.op === 'sum') return [sumCotangent(ct, x, params)]
    const places = extremePlaces(x, outputs[0]!, params)
    const scattered = bind1('scatter', [flat(zerosOf(x)), places, ct], { axes: [0], op: 'add' })
    return [bind1('reshape', [scattered], { shape: x.shape })]
  },
  window_argument: nothing,
}
