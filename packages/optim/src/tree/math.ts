import * as np from '@linum/tensor'
import type { ArrayOps, Tensor, TensorLike } from '@linum/tensor'
import { mapAligned, mapLeaves } from '../leaves.js'
import { largest, normTree, squaredNorm, sumTree, vdotTree } from '../tree-sums.js'

const binary =
  (fn: string, f: (x: ArrayOps, y: ArrayOps) => unknown) =>
  <T>(a: T, b: T): T =>
    mapAligned(`tree.${fn}`, (x, y) => f(x!, y!), a, b) as T

/** The sum of trees of one structure, leaf by leaf. Throws StateError where the structures differ, as all functions of several trees here. */
export const add = <T>(a: T, b: T, ...others: readonly T[]): T =>
  mapAligned('tree.add', (x, ...rest) => rest.reduce((total, y) => np.add(total, y), x!), a, b, ...others) as T

/** a - b, leaf by leaf. */
export const sub: <T>(a: T, b: T) => T = binary('sub', (x, y) => np.sub(x, y))
/** a b, leaf by leaf. */
export const mul: <T>(a: T, b: T) => T = binary('mul', (x, y) => np.mul(x, y))
/** a / b, leaf by leaf. */
export const div: <T>(a: T, b: T) => T = binary('div', (x, y) => np.div(x, y))

/** Every leaf times one factor. */
export const scale = <T>(scalar: TensorLike, t: T): T => mapLeaves((x) => np.mul(x, scalar), t) as T

/** a + scalar b, leaf by leaf. */
export const addScale = <T>(a: T, scalar: TensorLike, b: T): T =>
  mapAligned('tree.addScale', (x, y) => np.add(x!, np.mul(y!, scalar)), a, b) as T

/** The sum of products of corresponding elements: one number. */
export const vdot = (a: unknown, b: unknown): Tensor => vdotTree('tree.vdot', a, b)

/** The sum of all elements of all leaves. */
export const sum = (t: unknown): Tensor => sumTree(t)

const extreme =
  (of: (x: ArrayOps) => Tensor, join: (a: Tensor, b: Tensor) => Tensor, none: number) =>
  (t: unknown): Tensor => {
    const all = (np.tree.leaves(t) as readonly ArrayOps[]).filter((x) => x.size > 0).map((x) => of(x))
    return all.length === 0 ? np.array(none) : all.reduce((a, b) => join(a, b))
  }

/** The largest element of all leaves; minus infinity for none. */
export const max: (t: unknown) => Tensor = extreme((x) => np.max(x), np.maximum, -Infinity)
/** The least element of all leaves; infinity for none. */
export const min: (t: unknown) => Tensor = extreme((x) => np.min(x), np.minimum, Infinity)

/** How many elements all leaves have. */
export const size = (t: unknown): number => (np.tree.leaves(t) as readonly ArrayOps[]).reduce((n, x) => n + x.size, 0)

export interface TreeNormOptions {
  /** 2, the default, 1 or Infinity. */
  readonly ord?: number
  /** Whether the norm is squared. */
  readonly squared?: boolean
}

/** The norm of all leaves as one vector. Throws RangeError for another order than 1, 2 and Infinity. */
export const norm = (t: unknown, { ord = 2, squared = false }: TreeNormOptions = {}): Tensor => {
  if (ord === 2) return squared ? squaredNorm(t) : normTree(t)
  if (ord !== 1 && ord !== Infinity)
    throw new RangeError(`tree.norm: Unsupported ord, got ${ord}; give 1, 2 or Infinity`)
  const result = ord === 1 ? sumTree(mapLeaves((x) => np.abs(x), t)) : largest(t)
  return squared ? np.square(result) : result
}

/** Every element between both; null for no limit. */
export const clip = <T>(t: T, minValue: TensorLike | null = null, maxValue: TensorLike | null = null): T =>
  mapLeaves((x) => np.clip(x, minValue, maxValue), t) as T

/** The leaves of `a` where the condition holds, those of `b` elsewhere. */
export const where = <T>(condition: TensorLike, a: T, b: T): T =>
  mapAligned('tree.where', (x, y) => np.where(condition, x!, y!), a, b) as T
