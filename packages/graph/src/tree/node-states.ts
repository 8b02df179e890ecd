import { GraphError, treeNode } from '@linum/tensor'
import type { GraphDef } from '../graphdef.js'
import { staticEqual, staticHash, mix, type Structural } from '../structural.js'

/** What a tree keeps of NodeStates while its leaves are mapped. */
class Statics implements Structural {
  readonly graphdef: GraphDef | null
  readonly metadata: unknown

  constructor(graphdef: GraphDef | null, metadata: unknown) {
    this.graphdef = graphdef
    this.metadata = metadata
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Statics &&
      staticEqual(other.graphdef, this.graphdef) &&
      staticEqual(other.metadata, this.metadata)
    )
  }

  toString(): string {
    return 'NodeStates'
  }

  get hash(): number {
    return mix(staticHash(this.graphdef), staticHash(this.metadata))
  }
}

/** A graph node as a tree: its GraphDef, static, and States or what stands in their place, such as axes. */
export class NodeStates<M = unknown> {
  readonly states: readonly unknown[]
  readonly metadata: unknown
  readonly #graphdef: GraphDef<M> | null

  static {
    Object.defineProperty(this.prototype, treeNode, {
      value: {
        flatten: (x: NodeStates): readonly [readonly unknown[], unknown] => [
          x.states,
          new Statics(x.#graphdef, x.metadata),
        ],
        unflatten: ({ graphdef, metadata }: Statics, states: readonly unknown[]): NodeStates =>
          new NodeStates(graphdef, states, metadata),
      },
    })
  }

  /** `metadata` is for the transform that makes it; compared as static values are. */
  constructor(graphdef: GraphDef<M> | null, states: readonly unknown[], metadata: unknown = null) {
    this.#graphdef = graphdef
    this.states = states
    this.metadata = metadata
  }

  /** Throws GraphError where it was made without. */
  get graphdef(): GraphDef<M> {
    if (this.#graphdef === null) throw new GraphError('NodeStates: No graphdef available; make it from a split')
    return this.#graphdef
  }

  /** The one State. Throws GraphError where there are none or several. */
  get state(): unknown {
    if (this.states.length !== 1)
      throw new GraphError(`NodeStates: Expected exactly one state, got ${this.states.length}; use .states`)
    return this.states[0]
  }
}
