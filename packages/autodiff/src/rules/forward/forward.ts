import type { PrimitiveParams } from '@linum/tensor/core'
import type { Carrying } from '../../control/carrying.js'
import { elementwiseForward } from './elementwise.js'
import type { ForwardRules } from './rule.js'
import { structuralForward } from './structural.js'

/** The forward rule of every primitive that computes by itself. */
export const forwardRules: ForwardRules<Omit<PrimitiveParams, Carrying>> = {
  ...elementwiseForward,
  ...structuralForward,
}
