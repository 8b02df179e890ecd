import type { PrimitiveParams } from '@linum/tensor/core'
import type { Carrying } from '../../control/carrying.js'
import { acrossForward } from './across.js'
import { effectForward } from '../effect.js'
import { convForward } from './conv.js'
import { elementwiseForward } from './elementwise.js'
import { routineForward } from './routine.js'
import type { ForwardRules } from './rule.js'
import { structuralForward } from './structural.js'

/** The forward rule of every primitive that computes by itself. */
export const forwardRules: ForwardRules<Omit<PrimitiveParams, Carrying>> = {
  ...acrossForward,
  ...effectForward,
  ...elementwiseForward,
  ...structuralForward,
  ...convForward,
  ...routineForward,
}
