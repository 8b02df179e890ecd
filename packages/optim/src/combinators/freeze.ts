import { isArray, isLevel, mapLevel } from '../level.js'
import type { Labels, Mask } from '../mask.js'
import { type GradientTransformation, named } from '../transformation.js'
import { masked } from '../transformations/masked.js'
import { setToZero } from '../transformations/zero.js'
import { partition } from './partition.js'

/** Updates of 0 for the leaves that the mask selects; the others pass through. */
export const freeze = (mask: Mask): GradientTransformation => named('freeze', { mask }, masked(setToZero(), mask))

const toLabels = (mask: unknown): Labels => {
  if (typeof mask === 'boolean') return mask ? 'freeze' : 'train'
  if (isArray(mask)) return mask.map(toLabels)
  if (isLevel(mask)) return mapLevel(toLabels, mask) as Labels
  return null
}

export interface SelectiveOptions {
  /** Which parameters stay as they are. */
  readonly freezeMask: Mask
}

/** `optimizer` for the leaves that the mask leaves out; the others are frozen and have no state. */
export const selectiveTransform = (
  optimizer: GradientTransformation,
  { freezeMask }: SelectiveOptions,
): GradientTransformation =>
  named(
    'selectiveTransform',
    { optimizer, freezeMask },
    partition({ train: optimizer, freeze: setToZero() }, (t: unknown) =>
      toLabels(typeof freezeMask === 'function' ? freezeMask(t) : freezeMask),
    ),
  )
