import { convGeneralDilated, reduceWindow, type Tensor } from '@linum/tensor'
import { bind1 } from '@linum/tensor/core'
import { type Op, pick } from './random-operations.js'

const numeric = (x: Tensor): Tensor => (x.dtype === 'bool' ? x.astype('int32') : x)

/** How windows move over x, in whatever way is legal for its shape. */
const movesOf = (x: Tensor, p: readonly number[]) => {
  const digits = (k: number): number[] => x.shape.map((_, i) => Math.floor(p[k]! / 4 ** i) % 4)
  return {
    window: digits(0).map((d) => 1 + (d % 3)),
    strides: digits(1).map((d) => 1 + (d % 3)),
    padding: digits(2).map((d, i) => [x.shape[i] === 0 ? d : d - 1, (d + i) % 3] as const),
    baseDilation: digits(3).map((d) => (d === 0 ? 2 : 1)),
    windowDilation: digits(4).map((d) => (d === 0 ? 2 : 1)),
  }
}

/** Operations that walk windows. */
export const windows: Readonly<Record<string, Op>> = {
  reduceWindow: (x, _y, p) => {
    const t = numeric(x)
    const { window, strides, padding, ...dilation } = movesOf(t, p)
    return [reduceWindow(t, pick(['sum', 'max', 'min'], p[0]!), window, strides, padding, dilation)]
  },
  windowPlaces: (x, _y, p) => {
    const moves = movesOf(x, p)
    const extremes = bind1('reduce_window', [x], { op: pick(['max', 'min'], p[1]!), ...moves })
    return [bind1('window_argument', [x, extremes], moves)]
  },
  conv: (x, y, p) => {
    const t = numeric(x.ndim === 0 ? x.reshape([1]) : x)
    const groups = 1 + (p[0]! % 2)
    const features = groups * (1 + (p[1]! % 2))
    const row = t.reshape([1, t.size, 1]).broadcastTo([1, t.size, features])
    const weights = numeric(y).astype(t.dtype).ravel()
    const kernel = (weights.size < 2 ? t.ravel().slice(':2') : weights.slice(':2')).reshape([-1, 1, 1])
    if (kernel.shape[0] === 0) return []
    const wide = kernel.broadcastTo([kernel.shape[0]!, features / groups, groups * (1 + (p[2]! % 5))])
    return [
      convGeneralDilated(row, wide, 1 + (p[3]! % 3), [[p[4]! % 2, p[4]! % 3]], {
        dimensionNumbers: ['NHC', 'HIO', 'NHC'],
        rhsDilation: 1 + (p[0]! % 2),
        groups,
      }),
    ]
  },
}
