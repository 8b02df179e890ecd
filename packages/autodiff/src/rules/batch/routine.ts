import { bind, type RoutineParams } from '@linum/tensor/core'
import { allBatched, type BatchRules } from './rule.js'

export const routineBatching: BatchRules<RoutineParams> = {
  // One batch axis more, in front: a routine loops over all of them.
  routine: (application) => bind('routine', allBatched(application), application.params),
}
