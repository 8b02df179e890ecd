import type { CheckpointPolicy } from '@linum/tensor/core'

/** Keeps every intermediate result, as if there were no checkpoint. */
export const everythingSaveable: CheckpointPolicy = { save: 'everything' }

/** Keeps the inputs alone and computes everything again: the default. */
export const nothingSaveable: CheckpointPolicy = { save: 'nothing' }

/** Keeps the results of matrix products and convolutions, which cost the most to compute again. */
export const dotsSaveable: CheckpointPolicy = { save: 'dots', batched: true }

/** Keeps the results of matrix products without batch axes: those with weights, not those of attention. */
export const dotsWithNoBatchDimsSaveable: CheckpointPolicy = { save: 'dots', batched: false }

/** Keeps what `checkpointName` gave one of these names. */
export const saveOnlyTheseNames = (...names: readonly string[]): CheckpointPolicy => ({ save: 'names', names })

/** Keeps what `checkpointName` gave a name that is none of these. */
export const saveAnyNamesButThese = (...names: readonly string[]): CheckpointPolicy => ({ save: 'namesExcept', names })

/** Keeps what one of two policies keeps. */
export const saveFromBothPolicies = (first: CheckpointPolicy, second: CheckpointPolicy): CheckpointPolicy => ({
  save: 'either',
  policies: [first, second],
})
