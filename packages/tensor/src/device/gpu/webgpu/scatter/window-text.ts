import type { WindowAxis } from '../../../wasm/scatter/window.js'

/** The extents and strides of a window's axes, the last first, as parameters. */
export const windowParams = (axes: readonly WindowAxis[]): readonly number[] =>
  [...axes].reverse().flatMap(({ extent, into }) => [extent, into])

/** Statements that make `offset` where element `w` of a window lies in the target; the parameters are from `first` on. */
export const windowText = (axes: number, first: number): string =>
  [
    'var offset = 0;',
    'var left = w;',
    ...Array.from(
      { length: axes },
      (_, k) => `offset += left % p${first + 2 * k} * p${first + 2 * k + 1};
left /= p${first + 2 * k};`,
    ),
  ].join('\n')
