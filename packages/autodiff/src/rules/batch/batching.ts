import type { PrimitiveParams } from '@linum/tensor/core'
import type { Carrying } from '../../control/carrying.js'
import { contractBatching } from './contract.js'
import { elementwiseBatching } from './elementwise.js'
import { indexBatching } from './indexing.js'
import { randomBatching } from './random.js'
import { reduceBatching } from './reduce.js'
import type { BatchRules } from './rule.js'
import { shapeBatching } from './shape.js'
import { sortBatching } from './sort.js'

/** The batching rule of every primitive that computes by itself. */
export const batchRules: BatchRules<Omit<PrimitiveParams, Carrying>> = {
  ...elementwiseBatching,
  ...shapeBatching,
  ...reduceBatching,
  ...indexBatching,
  ...contractBatching,
  ...sortBatching,
  ...randomBatching,
}
