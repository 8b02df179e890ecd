import {
  abs,
  type ArrayOps,
  clip,
  concatenate,
  div,
  greater,
  lessEqual,
  maximum,
  mul,
  sign,
  sub,
  type TensorLike,
  tree,
  where,
} from '@linum/tensor'
import { mapLeaves } from '../leaves.js'
import { normTree, sumTree, vdotTree } from '../tree-sums.js'
import { simplexRows } from './simplex.js'

const mapped = <T>(f: (x: ArrayOps) => unknown, t: T): T => mapLeaves(f, t) as T

/** Negative elements of every leaf as 0. */
export const projectionNonNegative = <T>(t: T): T => mapped((x) => maximum(x, 0), t)

/** Every element between `lower` and `upper`: trees of the structure, or one value for all. */
export const projectionBox = <T>(t: T, lower: unknown, upper: unknown): T => {
  const [leaves, def] = tree.flatten(t)
  const bound = (b: unknown): readonly unknown[] => {
    const [all, own] = tree.flatten(b)
    return own.equals(def) ? all : leaves.map(() => b)
  }
  const [low, high] = [bound(lower), bound(upper)]
  return tree.unflatten(
    def,
    leaves.map((x, i) => clip(x as ArrayOps, low[i] as TensorLike, high[i] as TensorLike)),
  ) as T
}

/** Every element between 0 and `scale`. */
export const projectionHypercube = <T>(t: T, scale: TensorLike = 1): T => projectionBox(t, 0, scale)

/** The nearest point whose elements, of all leaves, are not negative and have the sum `scale` (Duchi et al. 2008). */
export const projectionSimplex = <T>(t: T, scale: TensorLike = 1): T => {
  const [leaves, def] = tree.flatten(t)
  const all = leaves as readonly ArrayOps[]
  const projected = simplexRows(concatenate(all.map((x) => x.reshape([-1]))), scale)
  let start = 0
  return tree.unflatten(
    def,
    all.map((x) => projected.slice([start, (start += x.size)]).reshape(x.shape)),
  ) as T
}

/** The nearest point whose elements' magnitudes, of all leaves, have the sum `scale`. */
export const projectionL1Sphere = <T>(t: T, scale: TensorLike = 1): T => {
  const magnitudes = projectionSimplex(
    mapped((x) => abs(x), t),
    scale,
  )
  return tree.map((x: ArrayOps, m: ArrayOps) => mul(sign(x), m), t, magnitudes) as T
}

/** The nearest point whose elements' magnitudes, of all leaves, have a sum of at most `scale`. */
export const projectionL1Ball = <T>(t: T, scale: TensorLike = 1): T => {
  const inside = lessEqual(sumTree(mapLeaves((x) => abs(x), t)), scale)
  return tree.map((x: ArrayOps, p: ArrayOps) => where(inside, x, p), t, projectionL1Sphere(t, scale)) as T
}

/** The point of the same direction whose Euclidean norm, of all leaves, is `scale`. */
export const projectionL2Sphere = <T>(t: T, scale: TensorLike = 1): T => {
  const factor = div(scale, normTree(t))
  return mapped((x) => mul(x, factor), t)
}

/** The nearest point whose Euclidean norm, of all leaves, is at most `scale`. */
export const projectionL2Ball = <T>(t: T, scale: TensorLike = 1): T => {
  const norm = normTree(t)
  const outside = greater(norm, scale)
  const factor = where(outside, div(scale, where(outside, norm, 1)), 1)
  return mapped((x) => mul(x, factor), t)
}

/** Every element between -scale and `scale`. */
export const projectionLinfBall = <T>(t: T, scale: TensorLike = 1): T =>
  projectionBox(t, typeof scale === 'number' ? -scale : mul(scale, -1), scale)

/** The nearest point on the line through 0 and the point `a`. */
export const projectionVector = <T>(t: T, a: T): T => {
  const factor = div(vdotTree('projectionVector', t, a), vdotTree('projectionVector', a, a))
  return mapped((x) => mul(x, factor), a)
}

const moved = <T>(fn: string, t: T, a: T, b: TensorLike, halfspace: boolean): T => {
  const over = sub(vdotTree(fn, a, t), b)
  const factor = div(halfspace ? maximum(over, 0) : over, vdotTree(fn, a, a))
  return tree.map((x: ArrayOps, y: ArrayOps) => sub(x, mul(y, factor)), t, a) as T
}

/** The nearest point x with a · x = b. */
export const projectionHyperplane = <T>(t: T, a: T, b: TensorLike): T => moved('projectionHyperplane', t, a, b, false)

/** The nearest point x with a · x <= b. */
export const projectionHalfspace = <T>(t: T, a: T, b: TensorLike): T => moved('projectionHalfspace', t, a, b, true)
