import { bind, type EffectParams } from '@linum/tensor/core'
import type { BatchRules } from './batch/rule.js'
import { constant, type ForwardRules } from './forward/rule.js'
import { nothing, type ReverseRules } from './rule.js'

/** A call of the host has no results, so nothing flows. */
export const effectRules: ReverseRules<EffectParams> = { debug_callback: nothing }
export const effectForward: ForwardRules<EffectParams> = { debug_callback: constant }

/** Called once per entry: the new axis is the outermost. */
export const effectBatching: BatchRules<EffectParams> = {
  debug_callback: ({ inputs, batched, params }) =>
    bind('debug_callback', inputs, { ...params, batched: [batched, ...params.batched] }),
}
