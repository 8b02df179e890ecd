import { bind1, type RandomParams } from '@linum/tensor/core'
import { allBatched, type BatchRules, shifted } from './rule.js'

/** Every key of a batch draws for itself. */
export const randomBatching: BatchRules<RandomParams> = {
  random_bits: shifted('random_bits', (params) => params),
  random_split: shifted('random_split', (params) => params),
  random_fold_in: (application) => [bind1('random_fold_in', allBatched(application), null)],
  random_unwrap: shifted('random_unwrap', (params) => params),
  random_wrap: shifted('random_wrap', (params) => params),
}
