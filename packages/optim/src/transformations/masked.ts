import { hide, type Mask, maskOf, reveal } from '../mask.js'
import { GradientTransformation, type TransformationState } from '../transformation.js'

/** Applies `inner` to the leaves that the mask selects, and keeps state for these alone; the other updates pass through. */
export const masked = (inner: GradientTransformation, mask: Mask): GradientTransformation =>
  new GradientTransformation(
    'masked',
    { inner, mask },
    {
      init: (params) => ({ innerState: inner.init(hide(maskOf(mask, params), params)) }),
      update: (updates, { innerState }: { readonly innerState: TransformationState }, params, extra) => {
        const keep = maskOf(mask, updates)
        const [changed, next] = inner.update(
          hide(keep, updates),
          innerState,
          params === undefined ? undefined : hide(keep, params),
          extra,
        )
        return [reveal(keep, changed, updates), { innerState: next }]
      },
    },
  )
