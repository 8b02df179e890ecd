import { type Caller, type GraphDef, isState } from '@linum/graph'
import { add, type ArrayOps, asarray, type Tensor, tree, treeNode, type TreeNode } from '@linum/tensor'

/** What turns gradients into updates: a transformation of `@linum/optim`, or something with its functions. */
export interface TrainTransformation {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: never, state: never, params?: never) => readonly [updates: unknown, state: unknown]
}

/** What a TrainState is made of besides the GraphDef; further fields are kept as they are. */
export interface TrainFields<P extends object = object> {
  readonly params: P
  readonly tx: TrainTransformation
  /** How many updates there were; 0 by default. */
  readonly step?: number
}

/** The static half of a TrainState. */
class Statics {
  readonly tx: TrainTransformation
  readonly names: readonly string[]
  readonly type: object

  constructor(tx: TrainTransformation, names: readonly string[], type: object) {
    this.tx = tx
    this.names = names
    this.type = type
  }

  equals(other: unknown): boolean {
    if (!(other instanceof Statics) || other.type !== this.type || other.names.join() !== this.names.join())
      return false
    const { tx } = this as { readonly tx: { equals?(x: unknown): boolean } }
    return tx === other.tx || tx.equals?.(other.tx) === true
  }
}

const made = (type: object, fields: object): never =>
  Object.freeze(Object.assign(Object.create(type) as object, fields)) as never

const node: TreeNode<object> = {
  flatten: (value) => {
    const { tx, ...fields } = value as { readonly tx: TrainTransformation }
    return [Object.values(fields), new Statics(tx, Object.keys(fields), Object.getPrototypeOf(value) as object)]
  },
  unflatten: (aux, children) => {
    const { tx, names, type } = aux as Statics
    return made(type, { ...Object.fromEntries(names.map((name, i) => [name, children[i]])), tx })
  },
  keys: (value) => Object.keys(value).filter((name) => name !== 'tx'),
}

const updated = (p: ArrayOps, u: ArrayOps): Tensor => add(p, u).astype(p.asTensor().dtype)

/**
 * A model in training as one immutable value, for pure transforms: `create` splits nothing itself, but takes the halves of
 * `split(model, Param)`. It is a tree whose static parts are the GraphDef and the transformation.
 */
export class TrainState<M = unknown, P extends object = object> {
  declare readonly graphdef: GraphDef<M>
  declare readonly params: P
  declare readonly optState: unknown
  /** How many updates there were: int32. */
  declare readonly step: Tensor
  declare readonly tx: TrainTransformation

  static {
    Object.defineProperty(this.prototype, treeNode, { value: node })
  }

  /** Throws TypeError where `tx` is no transformation. */
  static create<M, P extends object, X extends object = object>(
    graphdef: GraphDef<M>,
    fields: TrainFields<P> & X,
  ): TrainState<M, P> & Readonly<Omit<X, keyof TrainFields>> {
    const { params, tx, step = 0, ...others } = fields
    if (typeof tx?.init !== 'function' || typeof tx.update !== 'function')
      throw new TypeError(
        `TrainState.create: tx must be a transformation with init and update, got ${tx === null ? 'null' : typeof tx}; pass adam(1e-3) or its like`,
      )
    return made(this.prototype, {
      graphdef,
      params,
      optState: tx.init(params),
      step: asarray(step, { dtype: 'int32' }),
      tx,
      ...others,
    })
  }

  /** The same with other values for some fields. */
  replace(fields: Readonly<Record<string, unknown>>): this {
    return made(Object.getPrototypeOf(this) as object, { ...this, ...fields })
  }

  /**
   * One step: the gradients transformed and added to the parameters, `step` counted on, and other fields replaced. Throws
   * StateError where the gradients have not the structure of the parameters.
   */
  applyGradients(grads: P, fields: Readonly<Record<string, unknown>> = {}): this {
    const [updates, optState] = this.tx.update(grads as never, this.optState as never, this.params as never)
    const params = tree.map(updated as never, this.params as never, updates as never)
    return this.replace({ params, optState, step: add(this.step, 1), ...fields })
  }

  /**
   * Calls methods of the model: `state.apply('params').forward(x)` gives `[y, [graphdef, state]]`. States are given as
   * themselves or by the name of a field. Throws TypeError where a field holds none.
   */
  apply(...states: readonly (object | string)[]): Caller<M, M> {
    const given = states.map((s): object => {
      const found: unknown = typeof s === 'string' ? (this as Readonly<Record<string, unknown>>)[s] : s
      if (isState(found)) return found as object
      throw new TypeError(
        `TrainState.apply: expected a State${typeof s === 'string' ? ` under '${s}'` : ''}, got ${found === null ? 'null' : typeof found}; pass what split or state returned`,
      )
    })
    return this.graphdef.apply(...given) as Caller<M, M>
  }
}
