import { isFloat, rangeOf, type StoredDType } from '../../../../core/dtype.js'
import type { Accumulator, ReduceOp } from '../../../../kernel/ir.js'
import { constText } from '../scalar/constant.js'
import type { WgslFunction } from '../scalar/library.js'
import { scalarText } from '../scalar/scalar-text.js'
import { registerType } from '../words.js'

/** Elements of one chunk: what the threads of a team add up before chunks are combined. */
export const chunkLength = 4096
/** Threads that share one reduction, and so the number of partial results. */
export const teamSize = 16
/** Reductions up to this length are done one after the other by one thread. */
export const shortLength = 8

export const isArg = (op: ReduceOp): op is 'argmax' | 'argmin' => op === 'argmax' || op === 'argmin'

/** The dtype of the elements that an accumulator compares or adds up. */
const elementType = (a: Accumulator): StoredDType => (isArg(a.op) ? a.value.dtype : a.dtype)

/** A running result as WGSL: a value, and for argmax and argmin the index that it came from, -1 for none. */
export interface Running {
  readonly value: string
  readonly index: string
}

/** The text of what an accumulator does. `use` notes library functions. */
export class AccumulatorText {
  readonly accumulator: Accumulator
  /** The WGSL type of the running value. */
  readonly type: string
  readonly #use: (name: WgslFunction) => string

  constructor(accumulator: Accumulator, use: (name: WgslFunction) => string) {
    this.accumulator = accumulator
    this.type = registerType(elementType(accumulator))
    this.#use = use
  }

  get hasIndex(): boolean {
    return isArg(this.accumulator.op)
  }

  /** The dtype that running values have in memory: the halves are not rounded before the end. */
  get stored(): StoredDType {
    const dtype = elementType(this.accumulator)
    return isFloat(dtype) ? 'float32' : this.type === 'i32' ? 'int32' : this.type === 'u32' ? 'uint32' : 'bool'
  }

  /** What a running value is before the first element. */
  start(): string {
    const dtype = elementType(this.accumulator)
    const constant = (x: number): string => constText(x, isFloat(dtype) ? 'float32' : dtype, this.#use)
    switch (this.accumulator.op) {
      case 'sum':
        return constant(0)
      case 'prod':
        return constant(1)
      case 'and':
        return dtype === 'bool' ? 'true' : constant(1)
      case 'or':
        return dtype === 'bool' ? 'false' : constant(0)
      case 'max':
        return dtype === 'bool' ? 'false' : constant(rangeOf(dtype)[0])
      case 'min':
        return dtype === 'bool' ? 'true' : constant(rangeOf(dtype)[1])
      case 'argmax':
      case 'argmin':
        return dtype === 'bool' ? 'false' : constant(0)
    }
  }

  /** Statements that take the element `b` into the running value `a`; both are names. */
  combine(a: Running, b: Running): readonly string[] {
    const { op } = this.accumulator
    const dtype = elementType(this.accumulator)
    const { type } = this
    // Narrow integers wrap at the end, and so do halves round.
    const wide = isFloat(dtype) ? 'float32' : type === 'i32' ? 'int32' : type === 'u32' ? 'uint32' : 'bool'
    switch (op) {
      case 'sum':
        return [`${a.value} = ${type === 'bool' ? `${a.value} || ${b.value}` : `${a.value} + ${b.value}`};`]
      case 'prod':
        return [`${a.value} = ${type === 'bool' ? `${a.value} && ${b.value}` : `${a.value} * ${b.value}`};`]
      case 'max':
      case 'min':
        return [`${a.value} = ${scalarText(op, [a.value, b.value], wide, wide, this.#use)};`]
      case 'and':
      case 'or': {
        const sign = op === 'and' ? '&' : '|'
        return [`${a.value} = ${a.value} ${sign} ${b.value};`]
      }
      case 'argmax':
      case 'argmin': {
        const nan = (x: string): string => (isFloat(dtype) ? `${this.#use('is_nan')}(${x})` : 'false')
        const better =
          type === 'bool'
            ? op === 'argmax'
              ? `(${b.value} && !${a.value})`
              : `(!${b.value} && ${a.value})`
            : `(${b.value} ${op === 'argmax' ? '>' : '<'} ${a.value})`
        const equal = `(${b.value} == ${a.value} && ${b.index} < ${a.index})`
        const earlier = `(${nan(a.value)} && ${nan(b.value)} && ${b.index} < ${a.index})`
        const wins = isFloat(dtype)
          ? `(!${nan(a.value)} && (${nan(b.value)} || ${better})) || ${equal} || ${earlier}`
          : `${better} || ${equal}`
        return [
          `if (${b.index} >= 0 && (${a.index} < 0 || (${wins}))) { ${a.value} = ${b.value}; ${a.index} = ${b.index}; }`,
        ]
      }
    }
  }

  /** The result from a running value, in the register of the accumulator's dtype. */
  finish(a: Running): string {
    const { dtype } = this.accumulator
    if (this.hasIndex) return registerType(dtype) === 'i32' ? a.index : `${registerType(dtype)}(${a.index})`
    const wide = this.stored
    return wide === dtype ? a.value : scalarText('convert', [a.value], dtype, wide, this.#use)
  }
}
