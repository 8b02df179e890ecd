import type { IndexParams } from '@linum/tensor/core'
import { at, generate, type Grid, type Index, indexAt, offset } from './grid.js'

/** Where each element of a gather's result, or of a scatter's updates, lies in the operand; null outside. */
const places = (
  x: Grid,
  indices: readonly Grid[],
  axes: Index,
  clip: boolean,
): ((index: Index) => readonly number[] | null) => {
  const outer = indices[0]!.shape.length
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  return (index) => {
    const picked = indices.map((g) => at(g, index.slice(0, outer)))
    const found = picked.map((k, i) => (clip ? Math.min(Math.max(k, 0), x.shape[axes[i]!]! - 1) : k))
    if (found.some((k, i) => k < 0 || k >= x.shape[axes[i]!]!)) return null
    return x.shape.map((_, i) => (axes.includes(i) ? found[axes.indexOf(i)]! : index[outer + others.indexOf(i)]!))
  }
}

const combine = {
  set: (_: number, v: number): number => v,
  add: (a: number, v: number): number => a + v,
  mul: (a: number, v: number): number => a * v,
  min: Math.min,
  max: Math.max,
}

/** Where a window starts: as close to what is asked for as it fits. */
const origin = (x: Grid, sizes: Index, starts: readonly Grid[]): number[] =>
  starts.map((s, i) => Math.min(Math.max(s.data[0]!, 0), x.shape[i]! - sizes[i]!))

/** Selections and their updates in double precision. */
export const indexRules: { readonly [K in keyof IndexParams]: (xs: readonly Grid[], params: IndexParams[K]) => Grid } =
  {
    gather: ([x, ...indices], { axes, mode, fill }) => {
      const shape = [...indices[0]!.shape, ...x!.shape.filter((_, i) => !axes.includes(i))]
      const place = places(x!, indices, axes, mode === 'clip')
      return generate(shape, (index) => {
        const from = place(index)
        return from === null ? fill : at(x!, from)
      })
    },
    scatter: (xs, { axes, op }) => {
      const x = xs[0]!
      const updates = xs[xs.length - 1]!
      const place = places(x, xs.slice(1, -1), axes, false)
      const data = [...x.data]
      updates.data.forEach((v, k) => {
        const to = place(indexAt(updates.shape, k))
        if (to !== null) data[offset(x.shape, to)] = combine[op](data[offset(x.shape, to)]!, v)
      })
      return { shape: x.shape, data }
    },
    dynamic_slice: ([x, ...starts], { sizes }) => {
      const from = origin(x!, sizes, starts)
      return generate(sizes, (index) =>
        at(
          x!,
          index.map((k, i) => k + from[i]!),
        ),
      )
    },
    dynamic_update_slice: ([x, update, ...starts]) => {
      const from = origin(x!, update!.shape, starts)
      return generate(x!.shape, (index) => {
        const inner = index.map((k, i) => k - from[i]!)
        return inner.every((k, i) => k >= 0 && k < update!.shape[i]!) ? at(update!, inner) : at(x!, index)
      })
    },
  }
