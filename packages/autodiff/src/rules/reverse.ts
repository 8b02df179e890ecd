import type { PrimitiveParams } from '@linum/tensor/core'
import type { Carrying } from '../control/carrying.js'
import { contractRules } from './contract.js'
import { elementwiseRules } from './elementwise.js'
import { indexRules } from './indexing.js'
import { randomRules } from './random.js'
import { reduceRules } from './reduce.js'
import type { ReverseRules } from './rule.js'
import { shapeRules } from './shape.js'
import { sortRules } from './sort.js'

/** The reverse rule of every primitive that computes by itself. */
export const reverseRules: ReverseRules<Omit<PrimitiveParams, Carrying>> = {
  ...elementwiseRules,
  ...shapeRules,
  ...reduceRules,
  ...indexRules,
  ...contractRules,
  ...sortRules,
  ...randomRules,
}
