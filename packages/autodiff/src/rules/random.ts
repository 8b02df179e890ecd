import type { RandomParams } from '@linum/tensor/core'
import { nothing, type ReverseRules } from './rule.js'

/** Bits and keys are no real numbers. */
export const randomRules: ReverseRules<RandomParams> = {
  random_bits: nothing,
  random_split: nothing,
  random_fold_in: nothing,
  random_unwrap: nothing,
  random_wrap: nothing,
}
