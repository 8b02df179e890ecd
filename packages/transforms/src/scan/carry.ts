import { formatPath } from '@linum/filters'
import { type Flat, flatten, isGraphNode, Variable } from '@linum/graph'
import { ArrayOps, GraphError, tree } from '@linum/tensor'
import { differences } from '../lift/differences.js'

const hasIdentity = (x: unknown): boolean => isGraphNode(x) || x instanceof Variable

/** Throws GraphError where the returned carry is not the one that came in: other objects, another structure, another static value. */
export const checkReturnedCarry = (label: string, before: unknown, after: unknown): void => {
  const refuse = (what: string): never => {
    throw new GraphError(
      `${label}: Carry references must be the same between iterations. ${what}; return the object that came in`,
    )
  }
  // A List is an array to a tree, so that identity comes first.
  if (hasIdentity(before) || hasIdentity(after)) {
    if (before !== after) refuse('Got another object as the carry')
    return
  }
  const [was, is] = [tree.structure(before), tree.structure(after)]
  if (!was.equals(is))
    throw new GraphError(
      `${label}: the returned carry must have the structure of the carry argument, got ${String(is)} for ${String(was)}`,
    )
  const leaves = tree.leaves(after)
  tree.leavesWithPath(before).forEach(([path, x], i) => {
    const y = leaves[i]
    if (hasIdentity(x) || hasIdentity(y)) {
      if (x !== y) refuse(`Got another object at carry${tree.keystr(path)}`)
    } else if (!(x instanceof ArrayOps && y instanceof ArrayOps) && !Object.is(x, y)) {
      throw new GraphError(
        `${label}: a value of the carry that is no tensor must stay, got ${String(y)} for ${String(x)} at carry${tree.keystr(path)}; use a tensor`,
      )
    }
  })
}

/** Remembers the structure of a carried value; what it returns throws GraphError when that has changed. */
export const watchStructure = (label: string, carried: unknown): (() => void) => {
  const refIndex = new Map<object, number>()
  flatten([carried], { refIndex })
  const look = (): Flat => flatten([carried], { outerIndex: refIndex })
  const { graphdef } = look()
  return () => {
    const now = look()
    if (now.graphdef.equals(graphdef)) return
    const table = differences(graphdef, now.graphdef, ['before', 'after'], (path) => formatPath(path.slice(1)))
    throw new GraphError(
      `${label}: the carry must keep its structure from step to step (attributes, static values, classes, sharing), but it changed:\n${table}\nChange it before the loop or after it`,
    )
  }
}
