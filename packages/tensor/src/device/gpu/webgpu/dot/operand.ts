import type { DotPlan, Walk } from '../../../../program/routines.js'
import { sizeOf } from '../../../../core/shape.js'

type Side = DotPlan['left']

/** How an operand is read: four elements at a time along its rows (or columns) or along the contraction. */
export interface Operand {
  readonly operand: 0 | 1
  readonly side: Side
  readonly along: 'free' | 'contract'
  /** Whether the four lie together from a multiple of four on, as a vector of a buffer of vectors. */
  readonly quads: boolean
}

const lastStride = (walk: Walk): number => walk.strides.at(-1) ?? Infinity

const isQuads = (side: Side, along: Operand['along']): boolean => {
  const walk = side[along]
  const others = [
    ...side.batch.strides,
    ...side[along === 'free' ? 'contract' : 'free'].strides,
    ...walk.strides.slice(0, -1),
  ]
  return lastStride(walk) === 1 && walk.extents.at(-1)! % 4 === 0 && others.every((s) => s % 4 === 0)
}

export const operandOf = (plan: DotPlan, operand: 0 | 1): Operand => {
  const side = operand === 0 ? plan.left : plan.right
  const along = lastStride(side.contract) <= lastStride(side.free) ? 'contract' : 'free'
  return { operand, side, along, quads: isQuads(side, along) }
}

export const sizeOfSide = (side: Side): number =>
  sizeOf(side.batch.extents) * sizeOf(side.free.extents) * sizeOf(side.contract.extents)

/** Word `at`, a name or text in parentheses, of a buffer of words or of vectors. */
export const wordText = (operand: number, at: string, width: 1 | 4): string =>
  width === 1 ? `$${operand}[${at}]` : `$${operand}[(${at} >> 2)][${at} & 3]`

/** The vector that starts at word `at`. */
export const quadText = (operand: number, at: string): string => `$${operand}[(${at} >> 2)]`
