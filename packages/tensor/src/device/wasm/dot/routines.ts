import type { RoutineDefinition } from '../routine-module.js'
import { blockRoutines } from './block.js'
import { copyRoutines } from './copy.js'
import { microKernels } from './micro.js'
import { narrowRoutines } from './narrow.js'
import { packRoutines } from './pack.js'
import { vectorRoutines } from './vector.js'

/** What products, and convolutions, are made of. */
export const dotRoutines: readonly RoutineDefinition[] = [
  ...microKernels,
  ...blockRoutines,
  ...packRoutines,
  ...narrowRoutines,
  ...vectorRoutines,
  ...copyRoutines,
]
