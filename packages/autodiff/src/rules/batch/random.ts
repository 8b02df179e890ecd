import { bind1, type PrimitiveParams } from '@linum/tensor/core'
import { allBatched, type BatchRules, shifted } from './rule.js'

type Params = Pick<PrimitiveParams, 'random_bits' | 'random_split' | 'random_fold_in' | 'random_unwrap' | 'random_wrap'>

/** Every key of a batch draws for itself. */
export const randomBatching: BatchRules<Params> = {
  random_bits: shifted('random_bits', (params) => params),
  random_split: shifted('random_split', (params) => params),
  random_fold_in: (application) => [bind1('random_fold_in', allBatched(application), null)],
  random_unwrap: shifted('random_unwrap', (params) => params),
  random_wrap: shifted('random_wrap', (params) => params),
}
