import type { Tensor } from '@linum/tensor'
import { bind1, dilated, type WindowParams, type Windows } from '@linum/tensor/core'
import { nothing, type ReverseRules, zerosOf } from './rule.js'

/** Up to how many windows that hold an element its cotangent is a sum over them; with more, scattering is faster. */
const mostTerms = 2

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

/** How many neighbouring windows may hold an element, along each axis. */
const overlaps = (p: Windows): readonly number[] =>
  p.window.map((n, i) => Math.ceil(dilated(n, p.windowDilation[i]!) / p.strides[i]!))

/** All combinations of one number per axis, each from its count less 1 down to 0. */
const countDown = (counts: readonly number[]): readonly (readonly number[])[] =>
  counts.reduce<readonly (readonly number[])[]>(
    (all, n) => all.flatMap((some) => Array.from({ length: n }, (_, j) => [...some, n - 1 - j])),
    [[]],
  )

/**
 * For each element of an operand of `shape` what its window has, of those that hold it the `number[i]`th before the
 * last along axis i; `fill` where there is no such window.
 */
const spread = (t: Tensor, shape: readonly number[], number: readonly number[], fill: number, p: Windows): Tensor => {
  const repeated = t.shape.map((n, i) => n * p.strides[i]!)
  const steps = t.shape.flatMap((n, i) => [n, p.strides[i]!])
  const apart = bind1('broadcast_in_dim', [t], { shape: steps, dims: t.shape.map((_, i) => 2 * i) })
  const low = number.map((j, i) => j * p.strides[i]! - p.padding[i]![0])
  const value = bind1('full', [], {
    shape: [],
    value: fill,
    dtype: t.dtype === 'key' ? 'uint32' : t.dtype,
    weak: false,
  })
  return bind1('pad', [bind1('reshape', [apart], { shape: repeated }), value], {
    low,
    high: shape.map((n, i) => n - low[i]! - repeated[i]!),
    interior: shape.map(() => 0),
  })
}

/** Every element's cotangent is the sum, in order, over the windows whose extreme it is. */
const selectCotangent = (ct: Tensor, places: Tensor, x: Tensor, p: Windows): Tensor => {
  const own = bind1('reshape', [bind1('iota', [], { shape: [x.size], axis: 0, dtype: 'int32' })], { shape: x.shape })
  const terms = countDown(overlaps(p)).map((number) => {
    const chosen = bind1('eq', [spread(places, x.shape, number, -1, p), own], null)
    return bind1('select', [chosen, spread(ct, x.shape, number, 0, p), zerosOf(x)], null)
  })
  return terms.reduce((sum, term) => bind1('add', [sum, term], null))
}

const scatterCotangent = (ct: Tensor, places: Tensor, x: Tensor): Tensor => {
  const scattered = bind1('scatter', [flat(zerosOf(x)), places, ct], { axes: [0], op: 'add' })
  return bind1('reshape', [scattered], { shape: x.shape })
}

export const windowRules: ReverseRules<WindowParams> = {
  reduce_window: ([ct], { inputs, outputs, params }) => {
    if (!ct) return []
    const x = inputs[0]!
    if (x.size === 0 || ct.size === 0) return [zerosOf(x)]
    if (params.op === 'sum') return [sumCotangent(ct, x, params)]
    const places = extremePlaces(x, outputs[0]!, params)
    const few = params.baseDilation.every((n) => n === 1) && overlaps(params).reduce((a, b) => a * b, 1) <= mostTerms
    return [few ? selectCotangent(ct, places, x, params) : scatterCotangent(ct, places, x)]
  },
  window_argument: nothing,
}
