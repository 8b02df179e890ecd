import type { Attribute, Definition, GraphDef, NodeDef, VariableDef } from '../graphdef.js'
import { sameKeys } from '../keys.js'
import { type Kind, kindOf, type NodeKind, sortedKeys } from '../kinds.js'
import { fieldsEqual, staticEqual } from '../structural.js'
import { Variable } from '../variable/variable.js'
import { cachedNodes, type CachedNode, type Visited, type WalkPosition } from './cached.js'
import type { FlattenOptions, RefIndex } from './flatten.js'

class Matcher {
  readonly graphdef: GraphDef
  readonly refIndex: RefIndex
  readonly outerIndex: ReadonlyMap<object, number> | undefined
  readonly leaves: unknown[] = []
  /** Whether the numbering must survive a failure. */
  readonly shared: boolean
  readonly cached: ReadonlyMap<object, CachedNode> | null = cachedNodes()
  nodeAt = 0
  attributeAt = 0

  constructor(graphdef: GraphDef, refIndex: RefIndex, outerIndex: ReadonlyMap<object, number> | undefined) {
    this.graphdef = graphdef
    this.refIndex = refIndex
    this.outerIndex = outerIndex
    this.shared = refIndex.size > 0
  }

  visit(value: unknown, kind: Kind): boolean {
    const def = this.graphdef.nodes[this.nodeAt++] as Definition
    switch (def.kind) {
      case 'node':
        if (!isNode(kind)) return false
        return this.cached === null
          ? this.node(value as object, kind, def)
          : this.perhapsCached(value as object, kind, def, this.cached)
      case 'variable':
        return kind.role === 'variable' && kind.type === def.type && this.variable(value as Variable<unknown>, def)
      case 'ref':
        return typeof value === 'object' && value !== null && this.refIndex.get(value) === def.index
      case 'leaf':
        return kind.role === 'leaf' && this.leaf(value)
    }
  }

  get position(): WalkPosition {
    return { node: this.nodeAt, attribute: this.attributeAt, refs: this.refIndex.size }
  }

  perhapsCached(value: object, kind: NodeKind, def: NodeDef, nodes: ReadonlyMap<object, CachedNode>): boolean {
    const cached = this.outerIndex === undefined ? nodes.get(value) : undefined
    if (cached === undefined) return this.node(value, kind, def)
    const visited = cached.visits.get(this.graphdef)
    if (visited !== undefined && this.skip(visited)) return true
    const from = this.position
    const firstLeaf = this.leaves.length
    if (!this.node(value, kind, def)) return false
    const leaves = this.leaves.slice(firstLeaf)
    // A bare Tensor is held by the node, so that only a walk finds the one that is there now.
    if (!leaves.every((leaf): leaf is Variable<unknown> => leaf instanceof Variable)) return true
    const objects = [...this.refIndex.keys()].slice(from.refs)
    const metadata = leaves.map((leaf) => leaf.metadata)
    cached.visits.set(this.graphdef, { from, to: this.position, objects, leaves, metadata })
    return true
  }

  /** Goes on behind a node that is as it was at an earlier walk, which stood at the same place. */
  skip({ from, to, objects, leaves, metadata }: Visited): boolean {
    if (from.node !== this.nodeAt || from.attribute !== this.attributeAt || from.refs !== this.refIndex.size)
      return false
    for (let i = 0; i < leaves.length; i++) if (leaves[i]!.metadata !== metadata[i]) return false
    if (this.shared) for (const object of objects) if (this.refIndex.has(object)) return false
    for (let i = 0; i < objects.length; i++) this.refIndex.set(objects[i]!, from.refs + i)
    if (this.refIndex.size !== to.refs) return false
    for (let i = 0; i < leaves.length; i++) this.leaves.push(leaves[i])
    this.nodeAt = to.node
    this.attributeAt = to.attribute
    return true
  }

  leaf(value: unknown): true {
    this.leaves.push(value)
    return true
  }

  /** Whether `value` is seen for the first time just where the definition says so. */
  register(value: object, index: number | null, outerIndex: number | null): boolean {
    const { refIndex } = this
    if (refIndex.size !== index || (this.shared && refIndex.has(value))) return false
    refIndex.set(value, index)
    // A map of this walk's own may be spoilt by a failure, so that one look-up is enough: a known value adds no entry.
    if (refIndex.size === index) return false
    return this.outerIndex === undefined ? outerIndex === null : (this.outerIndex.get(value) ?? null) === outerIndex
  }

  variable(value: Variable<unknown>, def: VariableDef): boolean {
    if (value.metadata !== def.metadata && !fieldsEqual(value.metadata, def.metadata)) return false
    return this.register(value, def.index, def.outerIndex) && this.leaf(value)
  }

  node(value: object, kind: NodeKind, def: NodeDef): boolean {
    const { access } = kind
    if (kind.type !== def.type || access !== def.access) return false
    const { keys } = def
    if (!sameKeys(sortedKeys(kind, value), keys)) return false
    if (access.metadata !== undefined ? !staticEqual(access.metadata(value), def.metadata) : def.metadata !== undefined)
      return false
    if (def.index !== null && !this.register(value, def.index, def.outerIndex)) return false
    const { attributes } = this.graphdef
    for (let i = 0; i < keys.length; i++) {
      const attribute = attributes[this.attributeAt++] as Attribute
      const child = access.get(value, keys[i]!)
      if (attribute.kind === 'static') {
        if (!(child === attribute.value && child !== 0) && !staticEqual(child, attribute.value)) return false
      } else {
        const childKind = kindOf(child)
        if (
          attribute.kind === 'leaf'
            ? childKind.role !== 'leaf' || !this.leaf(child)
            : isLeafOrStatic(childKind) || !this.visit(child, childKind)
        )
          return false
      }
    }
    return true
  }
}

const isNode = (kind: Kind): kind is NodeKind => kind.role === 'node' || kind.role === 'pytree'
const isLeafOrStatic = (kind: Kind): boolean => kind.role === 'leaf' || kind.role === 'static'

/**
 * The leaves of a node whose GraphDef is `graphdef`, or null at the first difference: as `flatten`, without making
 * definitions. On null `refIndex` is as it was.
 */
export const flattenAgainst = (
  graphdef: GraphDef,
  node: unknown,
  { refIndex = new Map(), outerIndex }: FlattenOptions = {},
): readonly unknown[] | null => {
  const size = refIndex.size
  const matcher = new Matcher(graphdef, refIndex, outerIndex)
  if (matcher.visit(node, kindOf(node))) return matcher.leaves
  for (const [value, index] of refIndex) if (index >= size) refIndex.delete(value)
  return null
}
