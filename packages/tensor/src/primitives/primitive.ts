import type { Aval } from '../core/dtype.js'
import type { BarrierParams } from './barrier.js'
import type { CollectiveParams } from './collective.js'
import type { ContractParams } from './contract.js'
import type { ControlParams } from './control.js'
import type { ConvParams } from './conv.js'
import type { EffectParams } from './effect.js'
import type { ElementwiseParams } from './elementwise.js'
import type { IndexParams } from './indexing.js'
import type { RandomParams } from './random.js'
import type { ReduceParams } from './reduce.js'
import type { RoutineParams } from './routine.js'
import type { ShapeParams } from './shape.js'
import type { SortParams } from './sort.js'
import type { WindowParams } from './window.js'

/** The parameters of every primitive: plain data, no closures. The keys are the closed set of primitives. */
export interface PrimitiveParams
  extends
    ElementwiseParams,
    ShapeParams,
    ReduceParams,
    IndexParams,
    ContractParams,
    ConvParams,
    WindowParams,
    SortParams,
    RandomParams,
    RoutineParams,
    BarrierParams,
    EffectParams,
    CollectiveParams,
    ControlParams {}

export type PrimitiveName = keyof PrimitiveParams

/** Parameters of a primitive that has none. */
export type NoParams = null

/** The types of a primitive's results. Throws ShapeError or DtypeError where the operands do not fit. */
export type TypeRule<K extends PrimitiveName> = (
  avals: readonly Aval[],
  params: PrimitiveParams[K],
  name: K,
) => readonly Aval[]

/** A complete table over some primitives: a missing entry does not compile. */
export type RuleTable<P> = { readonly [K in keyof P & PrimitiveName]: TypeRule<K> }
