import type { ArrayOps } from '@linum/tensor'
import { mapAligned } from '../leaves.js'
import { type GradientTransformation, stateless as make } from '../transformation.js'

// Written as methods, so that functions of more precise types of trees are ones too.
interface Functions {
  ofTrees(updates: unknown, params: unknown): unknown
}

/** A transformation that keeps nothing: `f` of the updates and of the parameters, which may be undefined. Compared by that function. */
export const stateless = (f: Functions['ofTrees']): GradientTransformation =>
  make('stateless', { f }, (updates, params) => f(updates, params))

/** `stateless` leaf by leaf; the parameter is undefined where `update` was called without. */
export const statelessWithTreeMap = (
  f: (update: ArrayOps, param: ArrayOps | undefined) => unknown,
): GradientTransformation =>
  make('statelessWithTreeMap', { f }, (updates, params) =>
    params === undefined || params === null
      ? mapAligned('statelessWithTreeMap', (u) => f(u!, undefined), updates)
      : mapAligned('statelessWithTreeMap', (u, p) => f(u!, p), updates, params),
  )
