import { add, any, array, isnan, less, neg, where, zerosLike } from '@linum/tensor'
import { mapAligned, mapLeaves } from '../leaves.js'
import { requireParams } from '../params.js'
import { GradientTransformation, stateless } from '../transformation.js'

/** Updates of 0, which freeze the parameters. */
export const setToZero = (): GradientTransformation =>
  stateless('setToZero', {}, (updates) => mapLeaves((u) => zerosLike(u), updates))

/** 0 in the place of every NaN. The state tells for each leaf whether the last step had one. */
export const zeroNans = (): GradientTransformation =>
  new GradientTransformation(
    'zeroNans',
    {},
    {
      init: (params) => ({ foundNan: mapLeaves(() => array(false), params) }),
      update: (updates) => [
        mapLeaves((u) => where(isnan(u), zerosLike(u), u), updates),
        { foundNan: mapLeaves((u) => any(isnan(u)), updates) },
      ],
    },
  )

/** Updates that take parameters not below 0. Needs `params` at `update`. */
export const keepParamsNonnegative = (): GradientTransformation =>
  stateless('keepParamsNonnegative', {}, (updates, params) =>
    mapAligned(
      'keepParamsNonnegative',
      (u, p) => where(less(add(p!, u!), 0), neg(p!), u!),
      updates,
      requireParams('keepParamsNonnegative', params),
    ),
  )
