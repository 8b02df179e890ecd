import { stridesOf } from '../core/shape.js'
import { indicesOf } from './collapse.js'
import type { Index, Kernel } from './ir.js'

/** Whether an index is the one that the kernel writes at. */
export const isOwnPlace = (x: Index<number>, grid: readonly number[], strides: readonly number[]): boolean => {
  if (x.offset !== 0) return false
  let walked = 0
  for (const { atom, factor } of x.terms) {
    if (atom.kind !== 'axis' || atom.axis >= grid.length) return false
    if (grid[atom.axis] === 1) continue
    if (factor !== strides[atom.axis]) return false
    walked++
  }
  for (const extent of grid) if (extent !== 1) walked--
  return walked === 0
}

/**
 * Per input of a kernel, whether the result may be written over it: every element is read, if at all, only when the
 * result's element at the same place is computed.
 */
export const readsInPlace = (kernel: Kernel<number>): readonly boolean[] => {
  const safe = kernel.inputs.map(() => true)
  const strides = stridesOf(kernel.grid)
  indicesOf(kernel, (e) => {
    if (e.kind === 'load' && !isOwnPlace(e.at, kernel.grid, strides)) safe[e.input] = false
  })
  return safe
}
