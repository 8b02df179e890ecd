import { type ArrayOps, concatenate, tree, zeros } from '@linum/tensor'
import type { Tensor } from '@linum/tensor'
import { rawTree } from '../raw.js'
import { GradientTransformation, type TransformationState } from '../transformation.js'

const flat = (t: unknown): Tensor => {
  const parts = (tree.leaves(t) as readonly ArrayOps[]).map((x) => x.reshape([-1]))
  return parts.length === 0 ? zeros([0]) : concatenate(parts)
}

const unflat = (like: unknown, vector: Tensor): unknown => {
  const [leaves, def] = tree.flatten(like)
  let start = 0
  return tree.unflatten(
    def,
    (leaves as readonly ArrayOps[]).map((x) => {
      const end = start + x.size
      const part = vector.slice([start, end]).reshape(x.shape)
      start = end
      return part
    }),
  )
}

/**
 * `inner` on one vector of all elements, which has less to do where parameters are many and small. What looks at single
 * leaves (clipByBlockRms, masks, trust ratios) sees one.
 */
export const flatten = (inner: GradientTransformation): GradientTransformation =>
  new GradientTransformation(
    'flatten',
    { inner },
    {
      init: (params) => inner.init(flat(rawTree(params))),
      update: (updates, state: TransformationState, params, extra) => {
        const [changed, next] = inner.update(
          flat(updates),
          state,
          params === undefined || params === null ? undefined : flat(params),
          extra,
        )
        return [unflat(updates, changed), next]
      },
    },
  )
