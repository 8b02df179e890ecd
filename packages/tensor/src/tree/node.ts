/** Classes whose prototype has a property of this name are nodes of trees, not leaves. */
export const treeNode: unique symbol = Symbol('linum.treeNode')

/** How a class is taken apart into children and static data, and put together again. */
export interface TreeNode<T = unknown> {
  flatten(value: T): readonly [children: readonly unknown[], aux: unknown]
  unflatten(aux: unknown, children: readonly unknown[]): T
  /** Names of the children, for paths; their positions if absent. */
  keys?(value: T): readonly (string | number)[]
}

const registered = new Map<unknown, TreeNode>()

/** Makes instances of a class nodes of trees. For classes of others; one's own carry `[treeNode]` on the prototype. */
export const register = <T>(type: abstract new (...args: never[]) => T, node: TreeNode<T>): void => {
  registered.set(type.prototype, node as TreeNode)
}

/** The node behaviour of a value, or null for a leaf. */
export const nodeOf = (value: object): TreeNode | null => {
  const own = (value as { readonly [treeNode]?: TreeNode })[treeNode]
  return own ?? (registered.size === 0 ? null : (registered.get(Object.getPrototypeOf(value)) ?? null))
}

interface Comparable {
  equals(other: unknown): boolean
}
const isComparable = (x: unknown): x is Comparable =>
  typeof x === 'object' && x !== null && typeof (x as Partial<Comparable>).equals === 'function'

/** Whether static data are the same: identical, or one says that it equals the other. NaN equals itself. */
export const auxEqual = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) || (isComparable(a) && isComparable(b) && a.equals(b))
