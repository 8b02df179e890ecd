import type { AnyClass, Filter, rest } from '@linum/filters'
import type { Tensor } from '@linum/tensor'
import type { GraphDef } from '../graphdef.js'
import type { Module, Pytree } from '../module.js'
import type { Metadata } from '../variable/metadata.js'
import type { Variable } from '../variable/variable.js'
import type { VariableState } from '../variable/variable-state.js'
import type { anyKeys, State } from './state.js'

/** A class whose state is not that of its properties declares what it is: `declare readonly [stateShape]: {...}`. */
export declare const stateShape: unique symbol

/** The types a filter may claim, as instances: `typeof Param` claims `Param`. */
type Claimed<F> = F extends AnyClass ? F['prototype' & keyof F] : never

/** One level less to go; below 0 a State is just `State`. */
type Less = [never, 0, 1, 2, 3, 4, 5, 6, 7]
type Depth = 8

/**
 * Whether a leaf of type T is one of V: surely, surely not, or not known because it is declared as `Variable` or wider.
 * A declared kind is taken at its word: a field declared `Param` counts as no LoRAParam.
 */
type Match<T, V> = [V] extends [never]
  ? 'no'
  : T extends { readonly is: infer B }
    ? V extends { readonly is: infer C }
      ? B extends C
        ? 'yes'
        : Variable['is'] extends B
          ? 'maybe'
          : 'no'
      : T extends V
        ? 'yes'
        : 'no'
    : T extends V
      ? 'yes'
      : 'no'

type IsLeaf<T> = T extends Variable<unknown> | Tensor ? true : false

/** What remains of a leaf for the filter V once X is gone. */
type LeafIn<T, V, X> =
  'yes' extends Match<T, X>
    ? 'no'
    : 'yes' extends Match<T, V>
      ? 'maybe' extends Match<T, X>
        ? 'maybe'
        : 'yes'
      : 'maybe' extends Match<T, V>
        ? 'maybe'
        : 'no'

/** What a leaf looks like in a State. */
type Snapshot<T> = T extends Variable<infer A> ? VariableState<A> : T extends Tensor ? Tensor : never

type AnyFunction = (...args: never[]) => unknown
type Primitive = string | number | boolean | bigint | symbol | null | undefined

/** Whether T holds a leaf for V: 'yes', 'maybe' or 'no'; a union of them for a union of types. */
type Has<T, V, X, D extends number> = T extends Primitive | AnyFunction
  ? 'no'
  : IsLeaf<T> extends true
    ? LeafIn<T, V, X>
    : [D] extends [never]
      ? 'maybe'
      : Module extends T
        ? 'maybe'
        : T extends ReadonlyMap<unknown, infer U>
          ? Has<U, V, X, Less[D]>
          : T extends readonly unknown[]
            ? Has<T[number], V, X, Less[D]>
            : T extends { forward(...args: never[]): unknown }
              ? T extends Pytree
                ? HasIn<T, V, X, Less[D]>
                : 'maybe'
              : HasIn<T, V, X, Less[D]>

type HasIn<T, V, X, D extends number> = [D] extends [never]
  ? 'maybe'
  : T extends { readonly [stateShape]: infer U }
    ? Has<U, V, X, D>
    : { [K in keyof T]-?: Has<T[K], V, X, D> }[keyof T]

type Nested<T, V, X, D extends number> = T extends Primitive | AnyFunction
  ? never
  : IsLeaf<T> extends true
    ? LeafIn<T, V, X> extends 'no'
      ? never
      : Snapshot<T>
    : [D] extends [never]
      ? State
      : Module extends T
        ? State
        : T extends ReadonlyMap<infer K, infer U>
          ? { readonly [P in K & (string | number)]?: Nested<U, V, X, Less[D]> }
          : T extends readonly unknown[]
            ? number extends T['length']
              ? { readonly [index: number]: Nested<T[number], V, X, Less[D]> }
              : {
                  readonly [K in keyof T as K extends `${number}` ? Keep<T[K], V, X, K, Less[D]> : never]: Field<
                    T[K],
                    V,
                    X,
                    Less[D]
                  >
                }
            : T extends { forward(...args: never[]): unknown }
              ? T extends Pytree
                ? Level<T, V, X, D>
                : State
              : Level<T, V, X, D>

type Keep<T, V, X, K, D extends number> = [Has<T, V, X, D>] extends ['no'] ? never : K
type Field<T, V, X, D extends number> = [Has<T, V, X, D>] extends ['yes']
  ? Nested<T, V, X, D>
  : Nested<T, V, X, D> | MaybeAbsent<T, V, X, D>
// A level that holds both kinds is there; only its own fields may be absent.
type MaybeAbsent<T, V, X, D extends number> = [T] extends [Primitive | AnyFunction | never]
  ? undefined
  : 'yes' extends Has<T, V, X, D>
    ? [Extract<T, Primitive | AnyFunction>] extends [never]
      ? never
      : undefined
    : undefined

type Level<T, V, X, D extends number> = T extends { readonly [stateShape]: infer U }
  ? Level<U, V, X, D>
  : { readonly [K in keyof T as Keep<T[K], V, X, K, Less[D]>]: Field<T[K], V, X, Less[D]> }

/**
 * The State of a class: its public attributes that hold Variables (or bare Tensors) of kind V and not of kind X, nested
 * as the class is, at most eight levels deep. An attribute whose declared type does not tell (a `Variable` that may be
 * a Param, a `Module`) may be undefined.
 */
export type StateOf<M, V = Leaf, X = never> =
  // Over M itself, so that what holds for the bound of a type parameter holds for its State.
  M extends unknown
    ? 0 extends 1 & M
      ? State
      : M extends Variable<unknown> | Tensor
        ? LeafIn<M, V, X> extends 'yes'
          ? Snapshot<M>
          : LeafIn<M, V, X> extends 'no'
            ? State
            : Snapshot<M> | State
        : Module extends M
          ? State
          : M extends readonly unknown[] | ReadonlyMap<unknown, unknown>
            ? Nested<M, V, X, Depth>
            : Level<M, V, X, Depth>
    : never

/** Every leaf. */
export type Leaf = Variable<unknown> | Tensor

/** Whether S is a State of unknown keys, not that of a class. */
type HasAnyKeys<S> = typeof anyKeys extends keyof S ? true : false

/** The same nesting with every leaf optional: what a predicate or a tag selects. */
export type Partially<S> = S extends VariableState<unknown> | Tensor
  ? S
  : HasAnyKeys<S> extends true
    ? S
    : { readonly [K in keyof S]?: Partially<S[K]> }

type Slot<M, F, X> = F extends AnyClass
  ? StateOf<M, Claimed<F>, X>
  : F extends typeof rest | true
    ? StateOf<M, Leaf, X>
    : F extends false | null
      ? State
      : Partially<StateOf<M, Leaf, X>>

type Slots<M, Fs extends readonly unknown[], X = never> = Fs extends readonly [infer F, ...infer R]
  ? readonly [Slot<M, F, X>, ...Slots<M, R, X | Claimed<F>>]
  : Fs extends readonly []
    ? readonly []
    : readonly State[]

/** What `split` returns: the GraphDef and one State per filter, the first that matches claiming each leaf. */
export type Split<M, Fs extends readonly Filter[]> = Fs extends readonly []
  ? readonly [GraphDef<M>, StateOf<M>]
  : readonly [GraphDef<M>, ...Slots<M, Fs>]

/** What `state` returns: one State for no filter or one, else one each. */
export type StateResult<M, Fs extends readonly Filter[]> = Fs extends readonly []
  ? StateOf<M>
  : Fs extends readonly [infer F]
    ? Slot<M, F, never>
    : Slots<M, Fs>

/** What `pop` returns. */
export type PopResult<M, Fs extends readonly Filter[]> = Fs extends readonly [infer F]
  ? Slot<M, F, never>
  : Slots<M, Fs>

/** What `update` takes for a leaf: a snapshot, a Variable, or a raw value. */
type LeafUpdate<S> =
  S extends VariableState<infer A>
    ? VariableState<A> | Variable<A> | A | { readonly value: A; readonly metadata: Metadata<A> }
    : S

type Updates<S> = S extends VariableState<unknown> | Tensor
  ? LeafUpdate<S>
  : HasAnyKeys<S> extends true
    ? object
    : { readonly [K in keyof S]?: Updates<S[K]> | undefined }

/** What `update` takes for a graph of this class: any part of its State, with snapshots or raw values. */
export type UpdateOf<M> = Updates<StateOf<M>> | (IsLeaf<M> extends true ? State : never)

/**
 * States of which one and more have keys that only the running program knows. The others have no keys but those of M,
 * so that a misspelt one does not pass.
 */
export type DynamicStates<M, S extends readonly object[]> =
  true extends HasDynamic<S>
    ? { readonly [K in keyof S]: string extends keyof S[K] ? S[K] : keyof S[K] extends keyof StateOf<M> ? S[K] : never }
    : readonly never[]
type HasDynamic<S extends readonly object[]> = { [K in keyof S]: string extends keyof S[K] ? true : false }[number]
