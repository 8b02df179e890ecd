import type { PrimitiveParams } from '@linum/tensor/core'
import type { Across, Carrying } from '../../control/carrying.js'
import { contractBatching } from './contract.js'
import { convBatching } from './conv.js'
import { effectBatching } from '../effect.js'
import { elementwiseBatching } from './elementwise.js'
import { indexBatching } from './indexing.js'
import { randomBatching } from './random.js'
import { reduceBatching } from './reduce.js'
import { routineBatching } from './routine.js'
import { type BatchRules, shifted } from './rule.js'
import { shapeBatching } from './shape.js'
import { sortBatching } from './sort.js'
import { windowBatching } from './window.js'

/** The batching rule of every primitive that computes by itself. */
export const batchRules: BatchRules<Omit<PrimitiveParams, Carrying | Across>> = {
  ...effectBatching,
  ...elementwiseBatching,
  checkpoint_name: shifted('checkpoint_name', (params) => params),
  ...shapeBatching,
  ...reduceBatching,
  ...indexBatching,
  ...contractBatching,
  ...convBatching,
  ...windowBatching,
  ...sortBatching,
  ...randomBatching,
  ...routineBatching,
}
