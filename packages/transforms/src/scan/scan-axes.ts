import type { Tensor } from '@linum/tensor'
import type { CheckedOptions } from '@linum/tensor/core'
import type { AxisMetadata } from '../metadata.js'
import type { Carry, StateAxes, StateAxis } from '../axes.js'

/** Below the top there is no carry, but StateAxes may carry parts of a module. */
type InAxis = number | null | StateAxes | readonly InAxis[] | { readonly [key: string]: InAxis }
type OutAxis = number | StateAxes<StateAxis<number>> | readonly OutAxis[] | { readonly [key: string]: OutAxis }

/** Axes of arguments: one for all, or one entry per argument. */
export type ScanInAxes = typeof Carry | InAxis | readonly (typeof Carry | InAxis)[]

/** Axes of a result, which cannot be null: every step gives one. */
export type ScanOutAxes = typeof Carry | OutAxis | readonly (typeof Carry | OutAxis)[]

export interface ScanOptions<In extends ScanInAxes = ScanInAxes, Out extends ScanOutAxes = ScanOutAxes> {
  /** One entry per argument: Carry, the axis to scan over, null for what every step sees whole, StateAxes for the parts of a module. `[Carry, 0]` by default. */
  readonly inAxes?: In
  /** The same for the result: Carry alone, or one entry per item of a tuple. `[Carry, 0]` by default. */
  readonly outAxes?: Out
  /** How many steps, where nothing is scanned over. */
  readonly length?: number
  /** From the last step to the first. */
  readonly reverse?: boolean
  /** Accepted for JAX's sake: a hint that changes no result. */
  readonly unroll?: number | boolean
  /** Names the scanned axis in the metadata of Variables; see `transformMetadata`. */
  readonly transformMetadata?: AxisMetadata
}

/** The type of the item that Axes marks Carry: never where none does, unknown where the list has no fixed length. */
type Carried<Items, Axes> = Items extends readonly unknown[]
  ? number extends Items['length']
    ? unknown
    : { [K in keyof Items]: K extends keyof Axes ? (Axes[K] extends typeof Carry ? Items[K] : never) : never }[number]
  : never

/** A number that is returned becomes a Tensor. */
type Lifted<X> = X extends number ? Tensor : X

type CarryIn<A extends readonly unknown[], In> = [In] extends [typeof Carry] ? A[0] : Carried<A, In>
type CarryOut<R, Out> = unknown extends R ? unknown : Lifted<[Out] extends [typeof Carry] ? R : Carried<R, Out>>

/** Whether there is one axis per item; where either has no fixed length, that is for run time to say. */
type OnePerItem<Items extends readonly unknown[], Axes> = Axes extends readonly unknown[]
  ? number extends Axes['length'] | Items['length']
    ? true
    : Axes['length'] extends Items['length']
      ? true
      : false
  : true

type IsNever<T> = [T] extends [never] ? true : false

type CarryProblem<Takes, Returns> = unknown extends Returns
  ? object
  : IsNever<Takes> extends IsNever<Returns>
    ? [Returns] extends [Takes]
      ? object
      : 'scan: the carry changes its type from step to step'
    : 'scan: if one of inAxes or outAxes has Carry, the other must also have Carry, and the result one item per entry'

// Axes that are only known at run time are checked there.
type Problem<A extends readonly unknown[], R, In, Out> = [number] extends [In]
  ? object
  : OnePerItem<A, In> extends false
    ? 'scan: inAxes must give one axis per argument'
    : CarryProblem<CarryIn<A, In>, CarryOut<R, Out>>

/** The options of `scan`, refused where axes do not fit the arguments or the carry that is returned is none to take. */
export type ScanArguments<
  A extends readonly unknown[],
  R,
  In extends ScanInAxes,
  Out extends ScanOutAxes,
> = CheckedOptions<
  Problem<A, R, In, Out>,
  ScanOptions<In, Out>,
  { readonly takes: CarryIn<A, In>; readonly returns: CarryOut<R, Out> }
>
