import { Dict, List, merge, Module, Pytree, Rngs, RngStream, split } from '@linum/graph'
import { ArrayOps, makeProgram, tree } from '@linum/tensor'
import { vjp } from '@linum/transforms'
import { flopsOf } from './flops.js'
import type { NodeInfo } from './sizes.js'
import { formatArguments, formatTree } from './text.js'

/** One call of a method of one object. */
export interface CallInfo {
  /** Of the object, and the name of the method where that is not `forward`. */
  readonly path: readonly (string | number)[]
  /** The name of the object's class. */
  readonly type: string
  readonly inputs: string
  readonly outputs: string
  readonly flops: number | null
  readonly vjpFlops: number | null
  readonly node: NodeInfo
}

export interface RecordOptions {
  readonly computeFlops: boolean
  readonly computeVjpFlops: boolean
}

type Method = (...args: readonly unknown[]) => unknown
type Undo = () => void

// An attribute, so that the copies which transforms make of an object are known too.
const mark = '__tabulated__'

const ends: ReadonlySet<unknown> = new Set([Module.prototype, Pytree.prototype, Object.prototype, null])

/** The prototypes of a class up to those of the graph library. */
const prototypesOf = (node: object): readonly object[] => {
  const found: object[] = []
  for (
    let p = Object.getPrototypeOf(node) as object | null;
    p !== null && !ends.has(p);
    p = Object.getPrototypeOf(p) as object | null
  )
    found.push(p)
  return found
}

const isListed = (node: object): boolean =>
  node instanceof Pytree &&
  !(node instanceof Rngs || node instanceof RngStream || node instanceof List || node instanceof Dict)

const tensorsIn = (x: unknown): readonly unknown[] => tree.leaves(x).filter((leaf) => leaf instanceof ArrayOps)

/** The program of a call and of what it does to the state of the node. Only tensors are inputs: all else is static. */
const forwardFlops = (node: object, method: Method, args: readonly unknown[]): number => {
  const [graphdef, start] = split([node, ...args])
  const run = (given: object): unknown => {
    const merged = merge(graphdef, given) as readonly unknown[]
    const out = Reflect.apply(method, merged[0], merged.slice(1))
    return [tensorsIn(out), tensorsIn(split(merged)[1])]
  }
  return flopsOf(makeProgram(run)(start))
}

/** The same with the backward pass, for the parameters of the node and the tensors of the arguments. */
const backwardFlops = (node: object, method: Method, args: readonly unknown[]): number => {
  const [graphdef, start] = split([node, ...args])
  const run = (given: object): unknown => {
    const [self, ...rest] = merge(graphdef, given) as unknown as readonly [object, ...(readonly unknown[])]
    const [restDef, restState] = split(rest)
    const call = (owner: object, state: object): unknown =>
      Reflect.apply(method, owner, merge(restDef, state) as readonly unknown[])
    const [out, back] = vjp(call, [self, restState as object])
    return [tensorsIn(out), tensorsIn(back(out as never))]
  }
  return flopsOf(makeProgram(run)(start))
}

/**
 * Runs `f` while every call of a method of one of the nodes from outside of it is noted, in the order in which they began.
 * Calls of one object with inputs of the same types are noted once.
 */
export const recordCalls = (
  nodes: ReadonlyMap<object, NodeInfo>,
  { computeFlops, computeVjpFlops }: RecordOptions,
  f: () => unknown,
): readonly CallInfo[] => {
  const calls: (CallInfo | undefined)[] = []
  const known = new Map<number, NodeInfo>()
  const seen = new Set<string>()
  const active: (number | null)[] = [null]
  let measuring = false

  const noting = (name: string, method: Method): Method =>
    function (this: object, ...args: readonly unknown[]): unknown {
      const id = (this as { readonly [mark]?: number })[mark] ?? null
      const node = id === null ? undefined : known.get(id)
      // A call of its own method is part of what the object does.
      if (measuring || node === undefined || active.at(-1) === id) return Reflect.apply(method, this, args)
      const inputs = formatArguments(args)
      const identity = `${id} ${name} ${inputs}`
      const isNew = !seen.has(identity)
      seen.add(identity)
      const order = calls.push(undefined) - 1
      const costs = { flops: null as number | null, vjpFlops: null as number | null }
      if (isNew) {
        measuring = true
        try {
          if (computeFlops) costs.flops = forwardFlops(this, method, args)
          if (computeVjpFlops) costs.vjpFlops = backwardFlops(this, method, args)
        } finally {
          measuring = false
        }
      }
      active.push(id)
      let out: unknown
      try {
        out = Reflect.apply(method, this, args)
      } finally {
        active.pop()
      }
      const path = name === 'forward' ? node.path : [...node.path, name]
      if (isNew) calls[order] = { path, type: this.constructor.name, inputs, outputs: formatTree(out), ...costs, node }
      return out
    }

  const patch = (prototype: object): Undo => {
    const originals = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
      ([name, { value }]) => typeof value === 'function' && name !== 'constructor' && !name.startsWith('_'),
    )
    for (const [name, descriptor] of originals)
      Object.defineProperty(prototype, name, { ...descriptor, value: noting(name, descriptor.value as Method) })
    return () => {
      for (const [name, descriptor] of originals) Object.defineProperty(prototype, name, descriptor)
    }
  }

  const listed = [...nodes].filter(([node]) => isListed(node))
  listed.forEach(([node, info], id) => {
    known.set(id, info)
    Object.assign(node, { [mark]: id })
  })
  const undo = [...new Set(listed.flatMap(([node]) => prototypesOf(node)))].map(patch)
  try {
    f()
  } finally {
    for (const back of undo) back()
  }
  return calls.filter((call) => call !== undefined)
}
