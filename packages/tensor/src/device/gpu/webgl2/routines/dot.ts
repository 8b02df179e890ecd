import type { StoredDType } from '../../../../core/dtype.js'
import type { Index, Kernel } from '../../../../kernel/ir.js'
import type { Walk } from '../../../../program/routines.js'
import type { Routine } from '../../../../program/schedule.js'
import { index, load } from '../build.js'
import { sumOfProducts } from './sum-of-products.js'

type Plan = Extract<Routine, { name: 'dot' }>

/** A matrix product: one element of the result per point. */
export const dotKernel = (r: Plan, [a, b]: readonly StoredDType[]): Kernel<number> => {
  const { left, right } = r
  const walks = [left.batch, left.free, right.free] as const
  // The operands' batch axes may be cut differently: the finer of both walks.
  const batch = refine(left.batch, right.batch)
  const contract = refine(left.contract, right.contract)
  const grid = [...batch.extents, ...walks[1].extents, ...walks[2].extents]
  const at = (which: 0 | 1): Index<number> => {
    const free = which === 0 ? left.free : right.free
    const first = batch.extents.length + (which === 0 ? 0 : left.free.extents.length)
    return index([
      ...batch.strides.map((s, i) => [i, s[which]!] as const),
      ...free.strides.map((s, i) => [first + i, s] as const),
      ...contract.strides.map((s, i) => [grid.length + i, s[which]!] as const),
    ])
  }
  return sumOfProducts(grid, contract.extents, load(0, a!, at(0)), load(1, b!, at(1)), [a!, b!])
}

/** Two walks over the same elements as one with the extents of both, and the strides of each. */
const refine = (
  a: Walk,
  b: Walk,
): { readonly extents: readonly number[]; readonly strides: readonly (readonly [number, number])[] } => {
  const extents: number[] = []
  const strides: (readonly [number, number])[] = []
  const [left, right] = [a, b].map((w) => ({ extents: [...w.extents], strides: [...w.strides] }))
  while (left!.extents.length > 0 || right!.extents.length > 0) {
    const [m, n] = [left!.extents.pop()!, right!.extents.pop()!]
    const [s, t] = [left!.strides.pop()!, right!.strides.pop()!]
    const size = Math.min(m, n)
    extents.unshift(size)
    strides.unshift([s, t])
    if (m > size) {
      left!.extents.push(m / size)
      left!.strides.push(s * size)
    }
    if (n > size) {
      right!.extents.push(n / size)
      right!.strides.push(t * size)
    }
  }
  return { extents, strides }
}
