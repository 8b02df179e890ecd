import type { Extent, Kernel } from '../../../kernel/ir.js'
import type { Survey } from './dependence.js'
import type { Plan } from './plan.js'

/** How threads share a kernel: chunks of `grain` steps along one axis of the grid. */
export interface Chunks {
  readonly axis: number
  readonly units: Extent
  readonly grain: number
}

/** What an operation costs next to an addition. */
const dear = new Set([
  'exp',
  'expm1',
  'log',
  'log1p',
  'logistic',
  'sin',
  'cos',
  'tanh',
  'erf',
  'erf_inv',
  'exp2',
  'tan',
  'sinh',
  'cosh',
  'asin',
  'acos',
  'atan',
  'asinh',
  'acosh',
  'atanh',
  'cbrt',
  'erfc',
  'pow',
  'atan2',
  'threefry_bits',
  'threefry_word',
])

/** Additions' worth of work in a chunk, and the fewest steps along an axis that are worth dividing. */
const chunkWork = 1 << 17
const fewestSteps = 8
/** Elements of a cache line, or of several. */
const line = 16

/** What one element of the result costs. */
export const elementCost = ({ reduce }: Kernel, { loads, calls }: Survey): number => {
  const once = calls.reduce((n, c) => n + (dear.has(c.op) ? 12 : 1), 1 + loads.length)
  return reduce.reduce<number>((n, e) => n * (typeof e === 'number' ? e : 64), once)
}

/**
 * The first axis that has enough steps, else the longest. Sizes that are runtime parameters are not looked at: then
 * it is the first axis, in chunks for rows of 64.
 */
export const chunksOf = (kernel: Kernel, survey: Survey, plan: Plan): Chunks | null => {
  const { grid } = kernel
  if (grid.length === 0) return null
  const cost = elementCost(kernel, survey)
  const steps = grid.map((n) => (typeof n === 'number' ? n : fewestSteps))
  const first = steps.findIndex((n) => n >= fewestSteps)
  const axis = first >= 0 ? first : steps.indexOf(Math.max(...steps))
  const row = grid.slice(axis + 1).reduce<number>((n, e) => n * (typeof e === 'number' ? e : 64), cost)
  const whole = Math.max(1, Math.floor(chunkWork / Math.max(1, row)))
  // Cache lines are not shared where lanes lie along the axis, nor where there are many steps.
  const alongAxis = axis === grid.length - 1 && plan.kind !== 'along'
  const grain = alongAxis || whole >= line ? Math.max(line, whole - (whole % line)) : whole
  return { axis, units: grid[axis]!, grain }
}
