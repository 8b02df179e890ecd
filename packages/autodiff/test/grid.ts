/** Elements in row-major order; bool as 0 and 1. */
export interface Grid {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

export type Index = readonly number[]

export const size = (shape: Index): number => shape.reduce((n, d) => n * d, 1)

export const offset = (shape: Index, index: Index): number => shape.reduce((at, d, i) => at * d + index[i]!, 0)

export const indexAt = (shape: Index, flat: number): number[] => {
  const index = new Array<number>(shape.length)
  for (let i = shape.length - 1, rest = flat; i >= 0; i--) {
    index[i] = rest % shape[i]!
    rest = Math.floor(rest / shape[i]!)
  }
  return index
}

export const generate = (shape: Index, f: (index: readonly number[]) => number): Grid => ({
  shape,
  data: Array.from({ length: size(shape) }, (_, i) => f(indexAt(shape, i))),
})

export const at = (x: Grid, index: Index): number => x.data[offset(x.shape, index)]!

/** The element at an index of the shape that `x` is broadcast to. */
const spread = (x: Grid, index: Index): number =>
  at(
    x,
    x.shape.map((d, i) => (d === 1 ? 0 : index[index.length - x.shape.length + i]!)),
  )

const broadcast = (xs: readonly Grid[]): number[] => {
  const ndim = Math.max(...xs.map((x) => x.shape.length))
  const extent = (x: Grid, i: number): number => x.shape[x.shape.length - ndim + i] ?? 1
  return Array.from({ length: ndim }, (_, i) => xs.map((x) => extent(x, i)).find((d) => d !== 1) ?? 1)
}

export const pointwise =
  (f: (...xs: number[]) => number): ((xs: readonly Grid[]) => Grid) =>
  (xs) =>
    generate(broadcast(xs), (index) => f(...xs.map((x) => spread(x, index))))
