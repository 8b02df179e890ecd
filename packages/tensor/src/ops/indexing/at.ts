import type { TensorLike } from '../../core/array-ops.js'
import { type DType, isFloat, isSigned, rangeOf, type StoredDType } from '../../core/dtype.js'
import { TraceError } from '../../core/errors.js'
import type { Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import type { ScatterOp } from '../../primitives/indexing.js'
import { add, divide, greater, maximum, minimum, multiply, negative, power } from '../elementwise/elementwise.js'
import type { Index } from './index-list.js'
import {
  clampPositions,
  cutOut,
  type IndexPlan,
  type Outside,
  planIndices,
  putBack,
  readPlan,
  toUpdates,
} from './index-plan.js'
import { convert, promoteOperands, toTensor } from '../operand.js'
import { max } from '../reduce/reduce.js'
import { broadcastTo, reshape } from '../shape/shape.js'
import { where } from '../elementwise/where.js'

/**
 * What an index outside its axis does, after negative ones have been counted from the end: `'clip'` means the nearest
 * element, `'fill'` and `'drop'` read a fill value and write nothing, `'wrap'` counts around. `'promise_in_bounds'` and
 * no mode at all read as `'clip'` and write as `'drop'`.
 */
export type IndexMode = 'clip' | 'fill' | 'drop' | 'wrap' | 'promise_in_bounds'

export interface AtOptions {
  readonly mode?: IndexMode
  /** A promise that no element is named twice. Only `apply` makes use of it. */
  readonly uniqueIndices?: boolean
  /** A promise that the indices ascend; nothing depends on it here. */
  readonly indicesAreSorted?: boolean
  /** Default true: negative indices count from the end. Otherwise they are outside. */
  readonly wrapNegativeIndices?: boolean
}

export interface GetOptions extends AtOptions {
  /** Default NaN, the least integer, the greatest unsigned one, or true. */
  readonly fillValue?: number
}

/** What `fill` gives where nothing is said. */
export const defaultFill = (dtype: DType): number =>
  dtype === 'key' ? 0 : isFloat(dtype) ? NaN : rangeOf(dtype)[isSigned(dtype) ? 0 : 1]

const modes: readonly (IndexMode | undefined)[] = [undefined, 'clip', 'fill', 'drop', 'wrap', 'promise_in_bounds']
const checkMode = (fn: string, mode: IndexMode | undefined): void => {
  if (!modes.includes(mode))
    throw new RangeError(
      `${fn}: unknown mode, got '${String(mode)}'; use ${modes
        .slice(1)
        .map((m) => `'${m}'`)
        .join(', ')}`,
    )
}

const filled = (shape: Shape, value: number, dtype: DType): Tensor =>
  bind1('full', [], { shape, value, dtype: dtype as StoredDType, weak: false })

const combine: Readonly<Record<Exclude<ScatterOp, 'set'>, (x: Tensor, y: Tensor) => Tensor>> = {
  add,
  mul: multiply,
  min: minimum,
  max: maximum,
}

/** Some elements of an array, to be read or replaced. Nothing happens in place: every method returns a new tensor. */
export class Indexed {
  readonly #x: Tensor
  readonly #indices: readonly Index[]

  constructor(x: Tensor, indices: readonly Index[]) {
    this.#x = x
    this.#indices = indices
  }

  #plan(fn: string, options: AtOptions, reads: boolean): IndexPlan {
    const { mode } = options
    checkMode(fn, mode)
    const clips = mode === 'clip' || (reads && (mode === undefined || mode === 'promise_in_bounds'))
    const outside: Outside = mode === 'wrap' ? 'wrap' : clips ? 'clip' : 'none'
    return planIndices(fn, this.#x.shape, this.#indices, outside, options.wrapNegativeIndices ?? true)
  }

  /** The elements, as `x.slice(...)` where no option is given. */
  get(options: GetOptions = {}): Tensor {
    const plan = this.#plan('at.get', options, true)
    const fills = options.mode === 'fill' || options.mode === 'drop'
    return readPlan(this.#x, plan, fills ? (options.fillValue ?? defaultFill(this.#x.dtype)) : null)
  }

  #update(fn: string, op: ScatterOp, values: TensorLike, options: AtOptions): Tensor {
    const raw = this.#plan(fn, options, false)
    const plan = options.mode === 'clip' ? clampPositions(raw) : raw
    const target = this.#x
    const given = typeof values === 'object' ? toTensor(fn, values) : values
    const keys = target.dtype === 'key' && op === 'set' && typeof given === 'object' && given.dtype === 'key'
    const [x, y] = keys ? [target, given] : (promoteOperands(fn, [target, given]) as readonly [Tensor, Tensor])
    const updates = broadcastTo(y, plan.shape)
    if (updates.size === 0) return target
    const replaced = op === 'set' && plan.arrays.length === 0
    const part = replaced ? reshape(updates, plan.cutShape) : this.#combined(cutOut(x, plan), op, updates, plan)
    const out = putBack(x, part, plan)
    return keys ? out : convert(out, target.dtype as StoredDType, target.weak)
  }

  #combined(part: Tensor, op: ScatterOp, updates: Tensor, plan: IndexPlan): Tensor {
    const { arrays } = plan
    if (arrays.length === 0)
      return op === 'set' ? reshape(updates, part.shape) : combine[op](part, reshape(updates, part.shape))
    if (arrays.some((a) => part.shape[a.axis] === 0)) return part
    const axes = arrays.map((a) => a.axis)
    return bind1('scatter', [part, ...arrays.map((a) => a.index), toUpdates(updates, plan)], { axes, op })
  }

  /**
   * The array with the elements replaced by `values`, which broadcast to the shape of the selection and take the array's
   * dtype. Of several values for one element the last counts.
   */
  set(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.#update('at.set', 'set', values, options)
  }
  /** Every value is added, also several to one element. */
  add(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.#update('at.add', 'add', values, options)
  }
  subtract(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.#update('at.subtract', 'add', typeof values === 'number' ? -values : negative(values), options)
  }
  sub(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.subtract(values, options)
  }
  multiply(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.#update('at.multiply', 'mul', values, options)
  }
  mul(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.multiply(values, options)
  }
  /** True division of the whole array, by 1 where nothing is selected: integers become floating point. */
  divide(values: TensorLike, options: AtOptions = {}): Tensor {
    return divide(this.#x, this.#factors('at.divide', values, options))
  }
  div(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.divide(values, options)
  }
  power(values: TensorLike, options: AtOptions = {}): Tensor {
    return power(this.#x, this.#factors('at.power', values, options))
  }
  pow(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.power(values, options)
  }
  min(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.#update('at.min', 'min', values, options)
  }
  max(values: TensorLike, options: AtOptions = {}): Tensor {
    return this.#update('at.max', 'max', values, options)
  }

  /** Products of the values for each element, 1 where there is none. */
  #factors(fn: string, values: TensorLike, options: AtOptions): Tensor {
    return new Indexed(filled(this.#x.shape, 1, this.#x.dtype), this.#indices).#update(fn, 'mul', values, options)
  }

  /**
   * The array with `f`, a function of single elements, applied to the selected ones, as often as they are named. Throws
   * TraceError for index arrays inside a trace, which may name elements repeatedly, without `uniqueIndices`.
   */
  apply(f: (x: Tensor) => TensorLike, options: AtOptions = {}): Tensor {
    const plan = this.#plan('at.apply', options, false)
    if (plan.arrays.length === 0 || options.uniqueIndices === true) {
      const { wrapNegativeIndices = true } = options
      const selected = planIndices(
        'at.apply',
        this.#x.shape,
        this.#indices,
        options.mode === 'wrap' ? 'wrap' : 'clip',
        wrapNegativeIndices,
      )
      return this.set(f(readPlan(this.#x, selected, null)), options)
    }
    const counts = new Indexed(filled(this.#x.shape, 0, 'int32'), this.#indices).add(1, options)
    if (!counts.concrete)
      throw new TraceError(
        `at.apply: traced indices may name an element repeatedly, which decides how often the function runs, inside ${counts.trace.label}; give { uniqueIndices: true }`,
      )
    const times = this.#x.size === 0 ? 0 : Number(max(counts).item())
    const type = this.#x
    let x = this.#x
    for (let k = 0; k < times; k++)
      x = where(greater(counts, k), convert(toTensor('at.apply', f(x)), type.dtype as StoredDType, type.weak), x)
    return x
  }
}

/**
 * The elements that the indices of `x.slice(...)` select, to be replaced: `x.at(0, '1:3').set(v)`,
 * `x.at(rows).add(v)`. Indices outside are not written; reads take the nearest element.
 */
export const at = (x: TensorLike, ...indices: Index[]): Indexed => new Indexed(toTensor('at', x), indices)
