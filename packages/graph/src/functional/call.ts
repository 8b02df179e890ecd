import { formatPath, type PathKey } from '@linum/filters'
import { describeValue } from '../class-name.js'
import { type GraphDef, installApply } from '../graphdef.js'
import type { Caller } from './caller.js'
import { merge } from './merge.js'
import { split } from './split.js'

const invoke = (
  graphdef: GraphDef,
  states: readonly object[],
  path: readonly PathKey[],
  args: readonly unknown[],
): unknown => {
  const node = merge(graphdef, ...states)
  let owner: unknown = undefined
  let method: unknown = node
  for (const key of path) {
    owner = method
    method = (owner as Readonly<Record<PathKey, unknown>> | null | undefined)?.[key]
  }
  if (typeof method !== 'function')
    throw new TypeError(
      path.length === 0
        ? 'call: a node is called by one of its methods, got no name; say which, such as call(pair).forward(x)'
        : `call: ${formatPath(path)} is no method, got ${describeValue(method)}`,
    )
  const out: unknown = Reflect.apply(method, owner, args)
  return [out, split(node)]
}

const caller = (graphdef: GraphDef, states: readonly object[], path: readonly PathKey[]): unknown =>
  new Proxy(() => undefined, {
    // To await it by mistake must not call a method of that name.
    get: (_, key) =>
      typeof key === 'symbol' || (key === 'then' && path.length === 0)
        ? undefined
        : caller(graphdef, states, [...path, key]),
    apply: (_, __, args: readonly unknown[]) => invoke(graphdef, states, path, args),
  })

/**
 * Calls methods of a graph that is a value: `call(split(model)).forward(x)` gives `[y, [graphdef, state]]`, the state
 * after the call. Attributes and indices lead to the nodes inside: `call(pair).layers[0].forward(x)`. Nothing that the
 * pair came from changes. Throws TypeError for a name that is no method.
 */
export const call = <M>(pair: readonly [graphdef: GraphDef<M>, ...states: readonly object[]]): Caller<M, M> => {
  const [graphdef, ...states] = pair
  return caller(graphdef, states, []) as Caller<M, M>
}

installApply((graphdef, states) => caller(graphdef, states, []))
