import type { Filter } from '@linum/filters'
import { inspectSymbol } from './display/inspect.js'
import { renderTree } from './display/tree.js'
import { moduleType, nodeType, propertiesType } from './kinds.js'
import { type Attributes, setAttributes } from './modes.js'

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
}

/** Anything with a `forward` of this type. */
export interface Layer<in In = never, out Out = unknown> {
  forward(x: In): Out
}
