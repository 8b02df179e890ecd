import type { PrimitiveParams } from '@linum/tensor/core'
import type { Carrying } from '../control/carrying.js'
import { acrossRules } from './across.js'
import { contractRules } from './contract.js'
import { convRules } from './conv.js'
import { effectRules } from './effect.js'
import { elementwiseRules } from './elementwise.js'
import { indexRules } from './indexing.js'
import { randomRules } from './random.js'
import { reduceRules } from './reduce.js'
import { routineRules } from './routine.js'
import type { ReverseRules } from './rule.js'
import { shapeRules } from './shape.js'
import { sortRules } from './sort.js'
import { windowRules } from './window.js'

/** The reverse rule of every primitive that computes by itself. */
export const reverseRules: ReverseRules<Omit<PrimitiveParams, Carrying>> = {
  ...acrossRules,
  ...effectRules,
  ...elementwiseRules,
  ...shapeRules,
  ...reduceRules,
  ...indexRules,
  ...contractRules,
  ...convRules,
  ...windowRules,
  ...sortRules,
  ...randomRules,
  ...routineRules,
}
