import { type Filter, type Path, toPredicate } from '@linum/filters'
import {
  flattenInterned,
  fromFlatState,
  isGraphNode,
  Module,
  OptState,
  Param,
  type State,
  type stateShape,
  update as updateGraph,
  Variable,
  type VariableState,
} from '@linum/graph'
import { type Tensor, type tree, zeros } from '@linum/tensor'
import { currentTrace } from '@linum/tensor/core'
import { applyUpdates } from '../leaves.js'
import { rawLeaf, rawTree } from '../raw.js'
import { type Extra, GradientTransformation, type TransformationState } from '../transformation.js'
import { isNone, nest, readGradients, type Selection, unnest } from './gradients.js'
import { type OptStateTree, planWrites, rawOptState, toOptState, type Write } from './opt-state.js'

/** What `grad` gives for a model: a State, or nested plain objects of tensors; a leaf where the model is a Variable. */
export type Gradients<M = unknown> =
  M extends Variable<unknown> ? VariableState<unknown> | Tensor : { readonly [key: string]: unknown }

export interface OptimizerOptions {
  /** Which leaves of the model are trained; Param if absent. */
  readonly wrt?: Filter
}

interface Trained extends Selection {
  /** All leaves of the model, live. */
  readonly leaves: readonly unknown[]
}

const train = (model: unknown, wrt: Filter): Trained => {
  const { graphdef, leaves } = flattenInterned(model)
  const predicate = toPredicate(wrt)
  return {
    graphdef,
    leaves,
    selected: leaves.map((leaf, i) => !isNone(rawLeaf(leaf)) && predicate(graphdef.paths[i]!, leaf)),
  }
}

const snapshot = (leaf: unknown): unknown => (leaf instanceof Variable ? leaf.toState() : leaf)

// A Variable of another trace explains itself when it is written to.
const checkWritable = (variable: Variable<unknown>): void => {
  if (variable.createdIn !== currentTrace()) variable.setRaw(variable.raw)
}

// Attributes that are no Variables are set through the graph, before any Variable is: this may throw.
const writeAttributes = (model: unknown, attributes: readonly (readonly [Path, unknown])[]): void => {
  if (attributes.length > 0) updateGraph(model, fromFlatState(attributes) as State)
}

// The transformation and the filter are static; what optState holds depends on the transformation.
export interface Optimizer<M> {
  readonly [stateShape]: { readonly model: M; readonly optState: Module; readonly step: OptState }
}

/**
 * A model with the transformation that trains it and the state of both, for `update` in a loop or in a jitted step. The
 * model is kept by reference; `step` counts updates; `optState` mirrors the state of `tx` with Variables as leaves, so
 * that it takes part in `split`, in lifted transforms and in checkpoints.
 */
export class Optimizer<M = unknown> extends Module {
  readonly model: M
  /** Compared by name and hyperparameters, so that building the same one again does not retrace. */
  readonly tx: GradientTransformation
  readonly wrt: Filter
  readonly step: OptState
  readonly optState: OptStateTree

  constructor(model: M, tx: GradientTransformation, { wrt = Param }: OptimizerOptions = {}) {
    super()
    if (!(tx instanceof GradientTransformation)) {
      throw new TypeError(
        `Optimizer: expected a GradientTransformation, got ${tx === null ? 'null' : typeof tx}; use adam(1e-3) or its like, or make one with transformation(name, { init, update })`,
      )
    }
    const trained = train(model, wrt)
    this.model = model
    this.tx = tx
    this.wrt = wrt
    this.step = new OptState(zeros([], { dtype: 'uint32' }))
    this.optState = toOptState(tx.init(nest(trained, (i) => snapshot(trained.leaves[i]))))
  }

  /**
   * One step: transforms the gradients, adds the result to the parameters, and returns it. `extra` goes to the
   * transformation. With the model as first argument that one is trained instead of `model`, and gradients of leaves
   * that `wrt` does not select are left alone. Throws StateError where the gradients are not those of the trained leaves,
   * ShapeError where one has another shape than its parameter, TraceError for an optimizer that was captured by a
   * transformed function instead of passed; then nothing has changed.
   */
  update(model: M, gradients: Gradients<M>, extra?: Extra): tree.Tree<Tensor>
  update(gradients: Gradients<M>, extra?: Extra): tree.Tree<Tensor>
  update(...args: readonly unknown[]): tree.Tree<Tensor> {
    const explicit = isGraphNode(args[0]) || args[0] instanceof Variable || args[0] === this.model
    const [model, gradients, extra] = explicit ? args : [this.model, ...args]
    if (isNone(gradients))
      throw new TypeError(
        'Optimizer.update: missing the gradients, got none; call update(gradients) or update(model, gradients)',
      )
    const trained = train(model, this.wrt)
    const raw = readGradients('Optimizer.update', trained, trained.leaves, gradients, explicit)
    const params = nest(trained, (i) => rawLeaf(trained.leaves[i]))
    const state = rawOptState(this.optState) as TransformationState
    const [updates, nextState] = this.tx.update(
      nest(trained, (i) => raw[i]),
      state,
      params,
      rawTree(extra ?? {}) as Extra,
    )
    const nextParams = unnest(trained, applyUpdates(params, updates))
    const writes: Write[] = [
      ...planWrites(this.optState, nextState),
      { variable: this.step, value: this.step.raw.add(1) },
    ]
    const attributes: (readonly [Path, unknown])[] = []
    trained.leaves.forEach((leaf, i) => {
      if (trained.selected[i] !== true) return
      if (leaf instanceof Variable) writes.push({ variable: leaf, value: nextParams[i] })
      else attributes.push([trained.graphdef.paths[i]!, nextParams[i]])
    })
    for (const { variable } of writes) checkWritable(variable)
    writeAttributes(model, attributes)
    for (const { variable, value } of writes) variable.setRaw(value)
    return updates as tree.Tree<Tensor>
  }
}
