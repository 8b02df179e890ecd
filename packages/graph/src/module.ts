import type { Filter, PathKey } from '@linum/filters'
import type { Tensor, TensorLike } from '@linum/tensor'
import { inspectSymbol } from './display/inspect.js'
import { renderTree } from './display/text.js'
import { moduleType, nodeType, propertiesType } from './kinds.js'
import { type Attributes, setAttributes } from './modes.js'
import { perturb, sow, type SowOptions } from './modules/sow.js'
import { iterModuleChildren, iterModules, type Visit } from './traverse/iterate.js'
import { Perturbation } from './variable/classes.js'
import type { VariableClass } from './variable/variable.js'

function inspectNode(this: object): string {
  return renderTree(this)
}

declare const brand: unique symbol
declare const moduleBrand: unique symbol

// The brands exist in types only: they keep any object with the same methods from being a Module.
export interface Pytree {
  readonly [brand]: true
}
export interface Module {
  readonly [moduleBrand]: true
}

/**
 * An object with identity in the graph: its own properties are its attributes. Merged objects skip the constructor, so
 * no `#private` and no `accessor` fields, whose values a copy could not have.
 */
export class Pytree {
  static {
    Object.defineProperty(this.prototype, nodeType, { value: propertiesType })
    Object.defineProperty(this.prototype, inspectSymbol, { value: inspectNode })
  }
}

/**
 * The base of layers and models. Attributes that hold Variables, Tensors, other Modules, or arrays, plain objects and
 * Maps of these are state; all others are static. `forward` is a method: as an own property it throws GraphError at
 * `split`.
 */
export class Module extends Pytree {
  static {
    Object.defineProperty(this.prototype, nodeType, { value: moduleType })
  }

  /** Training mode for this and every Module below: `deterministic` and `useRunningAverage` become false where they exist. */
  train(attributes: Attributes = {}): void {
    setAttributes(this, { deterministic: false, useRunningAverage: false, ...attributes }, [], false)
  }

  /** Evaluation mode, the opposite of `train`. */
  eval(attributes: Attributes = {}): void {
    setAttributes(this, { deterministic: true, useRunningAverage: true, ...attributes }, [], false)
  }

  /**
   * Sets attributes of this and the Modules below that have them and match one of the filters. Throws GraphError for
   * an attribute that none of them has.
   */
  setAttributes(attributes: Attributes, ...filters: readonly Filter[]): void {
    setAttributes(this, attributes, filters, true)
  }

  /**
   * Notes a value of the forward pass. Inside of `capture` it goes there, if the type was asked for; else into the
   * attribute of that name, which `pop` takes out again. By default the values of all calls are kept, in an array.
   * Returns whether the value was kept. Throws GraphError where something else has the name.
   */
  sow<A, B = readonly A[]>(type: VariableClass, name: string, value: A, options: SowOptions<A, B> = {}): boolean {
    return sow(this, type, name, value, options as SowOptions)
  }

  /**
   * The value plus the perturbation of that name: zeros, until someone sets it otherwise. The gradient of the
   * perturbation is that of the value. Inside of `capture` it is there, else an attribute. Throws GraphError where
   * something else has the name.
   */
  perturb(name: string, value: TensorLike, type: VariableClass = Perturbation): Tensor {
    return perturb(this, type, name, value)
  }

  /** As the function `iterModules`. */
  iterModules(): Iterable<Visit<Module>> {
    return iterModules(this)
  }

  /** As the function `iterModuleChildren`. */
  iterChildren(): Iterable<readonly [key: PathKey, child: Module]> {
    return iterModuleChildren(this)
  }
}

/** Anything with a `forward` of this type. */
export interface Layer<in In = never, out Out = unknown> {
  forward(x: In): Out
}
