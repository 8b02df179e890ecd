import type { ConvParams, PrimitiveParams, WindowParams, Windows } from '@linum/tensor/core'
import { at, generate, type Grid, type Index, indexAt, offset, size } from './grid.js'

const spread = (n: number, step: number): number => (n === 0 ? 0 : (n - 1) * step + 1)

type Moves = Omit<Windows, 'window'>

/** The extents of the places that windows have. */
const placesOf = (extents: Index, window: Index, m: Moves): number[] =>
  extents.map((n, i) => {
    const room =
      spread(n, m.baseDilation[i]!) + m.padding[i]![0] + m.padding[i]![1] - spread(window[i]!, m.windowDilation[i]!)
    return Math.max(0, Math.floor(room / m.strides[i]!) + 1)
  })

/** The elements that the window at a place covers: where each is in the array and in the window. */
const covered = (
  extents: Index,
  window: Index,
  m: Moves,
  place: Index,
): readonly { readonly element: Index; readonly position: Index }[] =>
  Array.from({ length: size(window) }, (_, k) => indexAt(window, k)).flatMap((position) => {
    const element = extents.map(
      (_, i) =>
        (place[i]! * m.strides[i]! + position[i]! * m.windowDilation[i]! - m.padding[i]![0]) / m.baseDilation[i]!,
    )
    const inside = element.every((e, i) => Number.isInteger(e) && e >= 0 && e < extents[i]!)
    return inside ? [{ element, position }] : []
  })

const convolution = (xs: readonly Grid[], p: PrimitiveParams['conv_general_dilated']): Grid => {
  const [x, kernel] = xs as readonly [Grid, Grid]
  const n = x.shape.length - 2
  const extents = x.shape.slice(1, -1)
  const window = kernel.shape.slice(0, n)
  const [features, out] = [kernel.shape[n]!, kernel.shape[n + 1]!]
  const moves: Moves = { ...p, baseDilation: p.lhsDilation, windowDilation: p.rhsDilation }
  const batch = x.shape[0]! / p.batchGroups
  return generate([batch, ...placesOf(extents, window, moves), out], (index) => {
    const column = index[n + 1]!
    const group = Math.floor(column / (out / (p.groups * p.batchGroups)))
    const entry = p.batchGroups > 1 ? group * batch + index[0]! : index[0]!
    const first = p.batchGroups > 1 ? 0 : group * features
    return covered(extents, window, moves, index.slice(1, -1)).reduce((total, { element, position }) => {
      const terms = Array.from(
        { length: features },
        (_, f) => at(x, [entry, ...element, first + f]) * at(kernel, [...position, f, column]),
      )
      return total + terms.reduce((a, b) => a + b, 0)
    }, 0)
  })
}

const folds = {
  sum: (values: readonly number[]): number => values.reduce((a, b) => a + b, 0),
  max: (values: readonly number[]): number => Math.max(...values),
  min: (values: readonly number[]): number => Math.min(...values),
}

/** What primitives that walk windows mean, in double precision. */
export const windowRules: {
  readonly [K in keyof (ConvParams & WindowParams)]: (xs: readonly Grid[], params: PrimitiveParams[K]) => Grid
} = {
  conv_general_dilated: convolution,
  reduce_window: ([x], p) =>
    generate(placesOf(x!.shape, p.window, p), (place) =>
      folds[p.op](covered(x!.shape, p.window, p, place).map(({ element }) => at(x!, element))),
    ),
  window_argument: ([x, values], p) =>
    generate(placesOf(x!.shape, p.window, p), (place) => {
      const found = covered(x!.shape, p.window, p, place).find(({ element }) => at(x!, element) === at(values!, place))
      return found === undefined ? -1 : offset(x!.shape, found.element)
    }),
}
