import { ArrayOps } from '../core/array-ops.js'
import { bind } from '../core/trace.js'
import { HostCallback } from '../primitives/effect.js'
import { flatten, unflatten } from '../tree/tree.js'
import { mergeLeaves, traced } from '../program/arguments.js'

/**
 * Calls `f` with the values of `args` whenever the program runs, inside compiled code, loops and transforms too, where
 * a plain call would see placeholders once. Arguments are tensors, trees of them, and anything else as it is; inside
 * `vmap` there is a call per entry. What `f` returns is ignored; derivatives ignore it.
 */
export const callback = <A extends readonly unknown[]>(f: (...args: NoInfer<A>) => void, ...args: A): void => {
  const [leaves, def] = flatten(args)
  const isTensor = (x: unknown): x is ArrayOps => x instanceof ArrayOps
  const statics = leaves.map((leaf) => (isTensor(leaf) ? traced : leaf))
  const host = new HostCallback(
    (...values) => f(...(unflatten(def, mergeLeaves(statics, values)) as unknown as A)),
    f.name || 'anonymous',
  )
  bind(
    'debug_callback',
    leaves.filter(isTensor).map((x) => x.asTensor()),
    { callback: host, batched: [] },
  )
}
