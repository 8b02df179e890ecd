/** A buffer that a program uses, by what it is to the program. Inputs and outputs are numbered together, inputs first. */
export type BufferName = 'workspace' | 'constants' | 'arguments' | number

/** Where an operand's words are. */
export interface Location {
  readonly buffer: BufferName
  /** The word that it starts at. */
  readonly offset: number
  /** Words by which that moves per iteration, for each loop around, outermost first. */
  readonly steps: readonly number[]
}

export const at = (buffer: BufferName, offset = 0): Location => ({ buffer, offset, steps: [] })

/** The same elements seen from inside one loop more, in which it moves by `step` words per iteration. */
export const moving = (location: Location, depth: number, offset: number, step: number): Location => ({
  buffer: location.buffer,
  offset: location.offset + offset,
  steps: [...Array.from({ length: depth }, (_, d) => location.steps[d] ?? 0), step],
})
