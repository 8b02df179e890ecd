import type { PrimitiveName } from '@linum/tensor/core'

/** Primitives that carry programs: their derivatives are derivatives of the programs. */
export type Carrying = 'jit' | 'scan' | 'cond' | 'while'

const carrying: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['jit', 'scan', 'cond', 'while'])

export const carriesProgram = (name: PrimitiveName): name is Carrying => carrying.has(name)

/** Elements of a list at which a mask holds. */
export const pick = <T>(xs: readonly T[], mask: readonly boolean[]): T[] => xs.filter((_, i) => mask[i] === true)

/** One entry per position of the mask: the next of `xs` where it holds, else null. */
export const place = <T>(xs: readonly (T | null)[], mask: readonly boolean[]): (T | null)[] => {
  let at = 0
  return mask.map((m) => (m ? (xs[at++] ?? null) : null))
}
