import {
  abs,
  type ArrayOps,
  max,
  maximum,
  mul,
  sqrt,
  square,
  sum,
  type Tensor,
  type TensorLike,
  tree,
  zeros,
} from '@linum/tensor'
import { align, mapAligned, mapLeaves } from './leaves.js'

const total = (terms: readonly Tensor[]): Tensor => (terms.length === 0 ? zeros([]) : terms.reduce((a, b) => a.add(b)))

const leavesOf = (t: unknown): readonly ArrayOps[] => tree.leaves(t) as readonly ArrayOps[]

/** The sum of all elements of all leaves. */
export const sumTree = (t: unknown): Tensor => total(leavesOf(t).map((x) => sum(x)))

/** The sum of all squared elements. */
export const squaredNorm = (t: unknown): Tensor => total(leavesOf(t).map((x) => sum(square(x))))

/** The Euclidean norm of all leaves together; 0 for none. */
export const normTree = (t: unknown): Tensor => sqrt(squaredNorm(t))

/** The largest magnitude of all elements; 0 for none. */
export const largest = (t: unknown): Tensor =>
  leavesOf(t)
    .filter((x) => x.size > 0)
    .map((x) => max(abs(x)))
    .reduce((a, b) => maximum(a, b), zeros([]))

/** The sum of products of corresponding elements. */
export const vdotTree = (fn: string, a: unknown, b: unknown): Tensor => {
  const {
    columns: [x, y],
  } = align(fn, a, b)
  return total(x!.map((u, i) => sum(mul(u, y![i]!))))
}

/** a + factor b, in the dtypes of a. */
export const addScaled = (fn: string, a: unknown, factor: TensorLike, b: unknown): unknown =>
  mapAligned(fn, (x, y) => mul(y!, factor).add(x!).astype(x!.dtype), a, b)

/** Every leaf times one factor, in its dtype. */
export const scaleTree = (factor: TensorLike, t: unknown): unknown =>
  mapLeaves((x) => mul(x, factor).astype(x.dtype), t)
