import { variableBrand } from '@linum/filters'
import { ArrayOps, asarray, type Tensor, TraceError } from '@linum/tensor'
import { currentTrace, type Trace } from '@linum/tensor/core'
import { inspectSymbol, inspectVariable } from '../display/inspect.js'
import { freezeMetadata, type Metadata, noMetadata, runAxisHooks, runValueHooks } from './metadata.js'
import { noteOuterRead } from './outer-reads.js'
import { handOut, toStored } from './stored.js'
import { joinMetadata, VariableMetadata } from './variable-metadata.js'
import { VariableState } from './variable-state.js'

/** A class of Variables, as a filter and as a witness of its type. */
export type VariableClass<V extends Variable<unknown> = Variable<unknown>> = abstract new (...args: never[]) => V

/** What a Variable's own code may write. */
type Writable = { -readonly [K in 'stored' | 'sole' | 'metadata' | 'createdIn']: Variable<unknown>[K] }

/**
 * A mutable cell of a graph: a value with identity, the leaf of a State. It has every method of a Tensor and is
 * accepted wherever a tensor is. Write through `value`, `set` or `update`: the object stays the same.
 *
 * A subclass names a kind of state, and declares a brand so that kinds differ in types too:
 * `class Count extends Variable { declare readonly is: Variable['is'] & { readonly Count: true } }`.
 * Merged Variables skip the constructor; what a subclass wants to keep goes into the metadata.
 */
export class Variable<A = Tensor> extends ArrayOps {
  declare readonly is: { readonly Variable: true }
  /** For transforms: the value as `raw` has it, without telling that it was seen. */
  readonly stored: A
  /** For transforms: whether nothing but this has seen its tensor, so that it may be written over. */
  readonly sole: boolean
  readonly metadata: Metadata<A>
  /** The transform that was running when this was created; only it may write. */
  readonly createdIn: Trace | null

  static {
    Object.defineProperty(this.prototype, variableBrand, { value: true })
    Object.defineProperty(this.prototype, inspectSymbol, { value: inspectVariable })
  }

  /** A value of `withMetadata` brings metadata of its own. */
  constructor(value: A | VariableMetadata<A>, metadata: Metadata<A> = noMetadata) {
    super()
    const boxed = value instanceof VariableMetadata
    this.stored = toStored(boxed ? (value.value as A) : (value as A))
    this.sole = false
    this.metadata = freezeMetadata(boxed ? joinMetadata(value.metadata as Metadata<A>, metadata) : metadata)
    this.createdIn = currentTrace()
    const hooks = this.metadata.onCreateValue
    if (hooks !== undefined) writable(this).stored = toStored(runValueHooks(hooks, this, this.raw))
  }

  /** The value as it is stored, past the hooks. */
  get raw(): A {
    writable(this).sole = false
    return this.stored
  }

  /** The class, for filters. */
  get type(): VariableClass {
    return this.constructor as VariableClass
  }

  get tag(): string | undefined {
    return this.metadata.tag
  }

  get value(): A {
    if (this.createdIn === null) noteOuterRead()
    const hooks = this.metadata.onGetValue
    return handOut(hooks === undefined ? this.raw : runValueHooks(hooks, this, this.raw))
  }

  /** Throws TraceError where this was created outside the running transform. */
  set value(value: A) {
    checkMutable(this)
    const hooks = this.metadata.onSetValue
    store(this, hooks === undefined ? value : runValueHooks(hooks, this, value))
  }

  get(): A {
    return this.value
  }

  set(value: A): void {
    this.value = value
  }

  /** Sets the value to `f` of it. */
  update(f: (value: A) => A): this {
    this.value = f(this.value)
    return this
  }

  /** Sets the stored value past the hooks. */
  setRaw(value: A): void {
    checkMutable(this)
    store(this, value)
  }

  /** A new Variable of the same type with this value, past the hooks, and with these metadata on top of the old. */
  replace(value: A, metadata: Metadata<A> = noMetadata): this {
    return makeVariable(this.type, value, { ...this.metadata, ...metadata }) as this
  }

  /** A new Variable of the same type, value and metadata. */
  copy(): this {
    return makeVariable(this.type, this.raw, this.metadata) as this
  }

  /** Takes over value and metadata of a Variable of the same type. */
  copyFrom(other: Variable<A>): void {
    if (other.type !== this.type)
      throw new TypeError(`Cannot copy from incompatible container, expected ${this.type.name}, got ${other.type.name}`)
    if (other !== this) assignState(this, other)
  }

  /** Adds to the metadata; a key set to undefined is removed. */
  setMetadata(metadata: Metadata<A>): void {
    checkMutable(this)
    writable(this).metadata = freezeMetadata({ ...this.metadata, ...metadata })
  }

  /** Tells the hooks that the value has been stacked: it has a new axis, of that name. */
  addAxis(axis: number, name: string | null = null): void {
    checkMutable(this)
    runAxisHooks(this.metadata.onAddAxis, this, axis, name)
  }

  /** Tells the hooks that the value has lost an axis. */
  removeAxis(axis: number, name: string | null = null): void {
    checkMutable(this)
    runAxisHooks(this.metadata.onRemoveAxis, this, axis, name)
  }

  /** A snapshot, as it would be in a State. */
  toState(): VariableState<A> {
    return new VariableState<A>(this.type, handOut(this.raw), this.metadata, true)
  }

  override asTensor(): Tensor {
    const value: unknown = this.value
    if (typeof value === 'number' || typeof value === 'boolean') return asarray(value)
    if (value instanceof ArrayOps) return value.asTensor()
    throw new TypeError(
      `${this.type.name}: a value that is no tensor has no tensor operations, got ${typeof value}; use .value`,
    )
  }
}

const writable = (variable: unknown): Writable => variable as Writable

const store = (variable: unknown, value: unknown): void => {
  writable(variable).stored = toStored(value)
  writable(variable).sole = false
}

/** For transforms: stores a tensor that nothing else has, so that the next call of the transform may write over it. */
export const storeSole = (variable: Variable<unknown>, value: Tensor): void => {
  variable.setRaw(value)
  // One that lost its weak flag is another tensor.
  writable(variable).sole = variable.stored === value
}

/** Throws TraceError where the Variable was created outside the running transform, or in one that has ended. */
export const checkMutable = (variable: Variable<unknown>): void => {
  if (variable.createdIn !== currentTrace()) {
    throw new TraceError(
      `Cannot mutate ${variable.type.name} from a different trace level; pass the object that holds it to the transformed function as an argument`,
    )
  }
}

/** A Variable of any class without running its constructor or hooks. */
export const makeVariable = (type: VariableClass, raw: unknown, metadata: Metadata): Variable<unknown> => {
  const variable = Object.create(type.prototype as object) as Writable
  variable.stored = toStored(raw)
  variable.sole = false
  variable.metadata = freezeMetadata(metadata)
  variable.createdIn = currentTrace()
  return variable as Variable<unknown>
}

/** What a Variable can take over: another Variable or a snapshot. */
type Source = { readonly raw?: unknown; readonly value: unknown; readonly metadata: Metadata }

/** As `assignState`, for a caller that has asked `checkMutable` before. */
export const assignChecked = (variable: Variable<unknown>, source: Source): void => {
  store(variable, source instanceof Variable ? source.raw : source.value)
  writable(variable).metadata = source.metadata
}

/** Takes over the stored value and the metadata of a snapshot or another Variable; type and identity stay. */
export const assignState = (variable: Variable<unknown>, source: Source): void => {
  checkMutable(variable)
  assignChecked(variable, source)
}
