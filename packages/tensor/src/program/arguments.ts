import { ArrayOps } from '../core/array-ops.js'
import type { Aval } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { axisEnvironment, baseTrace } from '../core/trace.js'
import { flatten, keystr, leavesWithPath, type TreeDef } from '../tree/tree.js'

/** Arguments of a transform taken apart: tensors that are traced, and everything else, which is part of the cache key. */
export interface FlatArguments {
  readonly tensors: readonly Tensor[]
  readonly def: TreeDef
  /** Per leaf its static value, or `traced` for a tensor. */
  readonly statics: readonly unknown[]
  /** Text equal for arguments of equal types and equal static values (up to `def`), where the same named axes are bound. */
  readonly key: string
}

/** Marks a leaf that is a tensor. */
export const traced: unique symbol = Symbol('traced')

const identities = new WeakMap<object, number>()
const symbolIdentities = new Map<symbol, number>()
let nextIdentity = 0
const identity = (x: object | symbol): number => {
  const known = typeof x === 'symbol' ? symbolIdentities.get(x) : identities.get(x)
  if (known !== undefined) return known
  const id = nextIdentity++
  if (typeof x === 'symbol') symbolIdentities.set(x, id)
  else identities.set(x, id)
  return id
}

export const avalKey = (a: Aval): string => `${a.dtype}${a.weak ? '*' : ''}[${a.shape.join()}]`

const staticKey = (x: unknown): string => {
  if (typeof x === 'function' || typeof x === 'symbol' || (typeof x === 'object' && x !== null))
    return `@${identity(x)}`
  if (typeof x === 'bigint') return `${x}n`
  return typeof x === 'string' ? JSON.stringify(x) : Object.is(x, -0) ? '-0' : String(x)
}

/**
 * Takes arguments apart. Tensors and numbers (weak float32) are traced; booleans, strings, functions, null and
 * undefined are static, and so is every argument listed in `staticArgnums`, compared by value or identity. Throws
 * TypeError for anything else, naming its path.
 */
export const flattenArguments = (
  fn: string,
  args: readonly unknown[],
  staticArgnums: readonly number[] = [],
): FlatArguments => {
  const dynamic = args.map((a, i) => (staticArgnums.includes(i) ? null : a))
  const [leaves, def] = flatten(dynamic)
  const tensors: Tensor[] = []
  const statics: unknown[] = []
  const keys: string[] = staticArgnums.map((i) => `#${i}=${staticKey(args[i])}`)
  leaves.forEach((leaf, i) => {
    const t =
      leaf instanceof ArrayOps
        ? leaf.asTensor()
        : typeof leaf === 'number'
          ? baseTrace().literal(leaf, 'float32', true)
          : null
    if (t !== null) {
      tensors.push(t)
      statics.push(traced)
      keys.push(avalKey(t.aval))
      return
    }
    if (typeof leaf !== 'boolean' && typeof leaf !== 'string' && typeof leaf !== 'function') {
      const [path] = leavesWithPath(dynamic)[i]!
      const what = typeof leaf === 'object' ? ((leaf as object).constructor?.name ?? 'object') : typeof leaf
      throw new TypeError(
        `${fn}: argument ${keystr(path)} is a ${what}, which is neither a tensor nor a tree of tensors; for modules use the jit of @linum/transforms, else list it in staticArgnums`,
      )
    }
    statics.push(leaf)
    keys.push(staticKey(leaf))
  })
  return { tensors, def, statics, key: axisEnvironment() + keys.join(';') }
}

/** The leaves of a result: what to trace, and the rest as it is. */
export interface FlatResult {
  readonly tensors: readonly Tensor[]
  readonly def: TreeDef
  readonly statics: readonly unknown[]
}

/** Takes a result apart: tensors, and everything else, which comes back as it is. */
export const flattenResult = (result: unknown): FlatResult => {
  const [leaves, def] = flatten(result)
  const tensors: Tensor[] = []
  const statics = leaves.map((leaf) => {
    if (!(leaf instanceof ArrayOps)) return leaf
    tensors.push(leaf.asTensor())
    return traced
  })
  return { tensors, def, statics }
}

/** Puts tensors back among static leaves. */
export const mergeLeaves = (statics: readonly unknown[], tensors: readonly unknown[]): unknown[] => {
  let i = 0
  return statics.map((s) => (s === traced ? tensors[i++] : s))
}
