import { hide, type Mask, maskOf, reveal } from '../mask.js'
import { type Extra, GradientTransformation, type TransformationState } from '../transformation.js'

/** The first state of a transformation of these leaves alone. */
export const initMasked = (
  inner: GradientTransformation,
  keep: readonly boolean[],
  params: unknown,
): { readonly innerState: TransformationState } => ({ innerState: inner.init(hide(keep, params)) })

/** A step of a transformation of these leaves alone; the other updates pass through. */
export const updateMasked = (
  inner: GradientTransformation,
  keep: readonly boolean[],
  updates: unknown,
  { innerState }: { readonly innerState: TransformationState },
  params: unknown,
  extra: Extra,
): readonly [updates: unknown, state: { readonly innerState: TransformationState }] => {
  const [changed, next] = inner.update(
    hide(keep, updates),
    innerState,
    params === undefined || params === null ? undefined : hide(keep, params),
    extra,
  )
  return [reveal(keep, changed, updates), { innerState: next }]
}

/** Applies `inner` to the leaves that the mask selects, and keeps state for these alone; the other updates pass through. */
export const masked = (inner: GradientTransformation, mask: Mask): GradientTransformation =>
  new GradientTransformation(
    'masked',
    { inner, mask },
    {
      init: (params) => initMasked(inner, maskOf(mask, params), params),
      update: (updates, state: { readonly innerState: TransformationState }, params, extra) =>
        updateMasked(inner, maskOf(mask, updates), updates, state, params, extra),
    },
  )
