import type { PrimitiveParams } from '@linum/tensor/core'
import { nothing, type ReverseRules } from './rule.js'

type Params = Pick<PrimitiveParams, 'random_bits' | 'random_split' | 'random_fold_in' | 'random_unwrap' | 'random_wrap'>

/** Bits and keys are no real numbers. */
export const randomRules: ReverseRules<Params> = {
  random_bits: nothing,
  random_split: nothing,
  random_fold_in: nothing,
  random_unwrap: nothing,
  random_wrap: nothing,
}
