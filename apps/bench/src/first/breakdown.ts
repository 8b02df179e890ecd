import { type Stage, watchStages } from '@linum/tensor/core'
import type { Step } from '../rivals/serve.js'

/** The parts of a first call, in their order: the stages of compiling, then what is left, which is running. */
export const parts: readonly (Stage | 'first run')[] = [
  'trace',
  'backward',
  'hash',
  'inline',
  'simplify',
  'cse',
  'fuse',
  'lower',
  'cluster',
  'merge',
  'plan',
  'emit',
  'compile',
  'first run',
]

export type Part = Stage | 'first run'

/** Milliseconds of a first call by part, and of the call after it. */
export interface Breakdown {
  readonly parts: Readonly<Record<Part, number>>
  readonly total: number
  readonly second: number
}

const timed = (step: Step): number => {
  const from = performance.now()
  step()
  return performance.now() - from
}

/** Takes the first call of a step apart. */
export const breakDown = (step: Step): Breakdown => {
  const taken = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>
  watchStages((stage, milliseconds) => {
    taken[stage] += milliseconds
  })
  let total: number
  try {
    total = timed(step)
  } finally {
    watchStages(null)
  }
  taken['first run'] = total - parts.reduce((sum, part) => sum + taken[part], 0)
  return { parts: taken, total, second: timed(step) }
}
