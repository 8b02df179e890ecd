import { sign } from '@linum/tensor'
import { mapLeaves } from '../leaves.js'
import { type GradientTransformation, stateless } from '../transformation.js'

/** The sign of every element of the updates: -1, 0 or 1. */
export const scaleBySign = (): GradientTransformation =>
  stateless('scaleBySign', {}, (updates) => mapLeaves((u) => sign(u), updates))
