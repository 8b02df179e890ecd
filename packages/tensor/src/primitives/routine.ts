import type { Aval, DType, StoredDType, TypedArray } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import type { RuleTable } from './primitive.js'

/** Shape and dtype of one item of a routine's operand or result, without batch axes. */
export interface CoreType {
  readonly shape: readonly number[]
  readonly dtype: StoredDType
}

/** What a derivative rule knows of one application; operands and results carry their batch axes. */
export interface RoutineApplication<P> {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly params: P
}

/**
 * An operation of one's own: what it makes of single items, and how it is differentiated. Leading axes beyond the
 * core ranks are batch axes, over which devices loop. Make it with `defineRoutine`, once, outside the functions that
 * use it: a routine is known by its identity.
 */
export interface Routine<P = null> {
  /** Shown in programs and errors. */
  readonly name: string
  /** The number of core axes of each operand; all axes before them are batch axes. */
  ranks(params: P): readonly number[]
  /** The types of the core results. Throws where the operands do not fit. */
  types(operands: readonly CoreType[], params: P): readonly CoreType[]
  /**
   * Computes one item in host memory, where float16 and bfloat16 are Float32Arrays and bool is bytes. Must write every
   * element of `outputs`, whose former contents mean nothing, and leave `inputs` as they are. What is written is
   * rounded to the result's dtype.
   */
  compute(inputs: readonly TypedArray[], outputs: readonly TypedArray[], operands: readonly CoreType[], params: P): void
  /**
   * The tangents of the results from those of the operands, written in tensor operations, so that it can be
   * differentiated again. null stands for zero, and so does what is left out. Arrays that are no operands are made in
   * the rule, by `iota`, `eye` and the like, not captured. Without it, forward mode throws.
   */
  jvp?(tangents: readonly (Tensor | null)[], application: RoutineApplication<P>): readonly (Tensor | null | undefined)[]
  /** The cotangents of the operands in `need` from those of the results, in the same way. Without it, reverse mode throws. */
  vjp?(
    cotangents: readonly (Tensor | null)[],
    application: RoutineApplication<P> & { readonly need: readonly boolean[] },
  ): readonly (Tensor | null | undefined)[]
}

/** What `defineRoutine` takes: a routine whose ranks may be a plain list. */
export interface RoutineDefinition<P> extends Omit<Routine<P>, 'ranks'> {
  readonly ranks: readonly number[] | ((params: P) => readonly number[])
}

/** A routine to be called with `callRoutine`. Its parameters must be plain data: they are part of programs' cache keys. */
export const defineRoutine = <P = null>(definition: RoutineDefinition<P>): Routine<P> => {
  const { ranks } = definition
  return Object.freeze({ ...definition, ranks: typeof ranks === 'function' ? ranks : () => ranks })
}

/** Parameters of some routine; which ones, only the routine itself knows. */
export interface AnyRoutine extends Routine<never> {}

export interface RoutineParams {
  /** Operands and results of equal batch axes, followed by the core axes that the routine states. */
  routine: { readonly routine: AnyRoutine; readonly params: unknown }
}

const numbers = new WeakMap<object, number>()
let count = 0

/** Whether a parameter of a primitive is a routine. */
export const isRoutineObject = (x: unknown): x is AnyRoutine =>
  typeof x === 'object' && x !== null && 'compute' in x && typeof x.compute === 'function'

/** Text that belongs to one routine object alone. */
export const routineKey = (routine: AnyRoutine): string => {
  let n = numbers.get(routine)
  if (n === undefined) numbers.set(routine, (n = ++count))
  return `${routine.name}@${n}`
}

const checkDtype = (name: string, dtype: DType): StoredDType => {
  if (dtype === 'key')
    throw new DtypeError(`${name}: does not accept random keys; use random.keyData(key) for their words`)
  return dtype
}

/** The batch shape that all operands share, and their core types. */
export const coreTypes = (
  routine: AnyRoutine,
  params: unknown,
  avals: readonly Aval[],
): { readonly batch: readonly number[]; readonly operands: readonly CoreType[] } => {
  const ranks = routine.ranks(params as never)
  if (ranks.length !== avals.length)
    throw new TypeError(`${routine.name}: takes ${ranks.length} operands, got ${avals.length}`)
  const operands = avals.map(({ shape, dtype }, i): CoreType => {
    const rank = ranks[i]!
    if (shape.length < rank)
      throw new ShapeError(`${routine.name}: operand ${i} needs at least ${rank} axes, got shape ${formatShape(shape)}`)
    return { shape: shape.slice(shape.length - rank), dtype: checkDtype(routine.name, dtype) }
  })
  const batches = avals.map(({ shape }, i) => shape.slice(0, shape.length - ranks[i]!))
  const batch = batches[0] ?? []
  if (!batches.every((b) => sameShape(b, batch)))
    throw new ShapeError(
      `${routine.name}: batch axes must be equal, got ${batches.map(formatShape).join(' and ')}; callRoutine broadcasts them`,
    )
  return { batch, operands }
}

export const routineTypes: RuleTable<RoutineParams> = {
  routine: (avals, { routine, params }) => {
    const { batch, operands } = coreTypes(routine, params, avals)
    return routine
      .types(operands, params as never)
      .map(({ shape, dtype }): Aval => ({ shape: [...batch, ...shape], dtype, weak: false }))
  },
}
