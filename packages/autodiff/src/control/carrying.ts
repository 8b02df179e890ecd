import type { CollectiveParams, PrimitiveName } from '@linum/tensor/core'

// The derivatives of primitives that carry programs are derivatives of the programs.
export { carriesProgram, type Carrying } from '@linum/tensor/core'

/** Primitives whose results differ in whether they have the batch axis, or that may be about that axis. */
export type Across = keyof CollectiveParams | 'optimization_barrier'

const across: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'psum',
  'pmax',
  'pmin',
  'all_gather',
  'axis_index',
  'optimization_barrier',
])

export const isAcross = (name: PrimitiveName): name is Across => across.has(name)

/** Elements of a list at which a mask holds. */
export const pick = <T>(xs: readonly T[], mask: readonly boolean[]): T[] => xs.filter((_, i) => mask[i] === true)

/** One entry per position of the mask: the next of `xs` where it holds, else null. */
export const place = <T>(xs: readonly (T | null)[], mask: readonly boolean[]): (T | null)[] => {
  let at = 0
  return mask.map((m) => (m ? (xs[at++] ?? null) : null))
}
