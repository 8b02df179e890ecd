import { MetricState } from '@linum/graph'
import { add, ArrayOps, divide, multiply, ShapeError, sum, type Tensor, type TensorLike, zeros } from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'
import { Metric, type MetricArguments } from './metric.js'

export interface AverageOptions {
  /** The name of the argument of `update` that is averaged; `values` by default. */
  readonly argname?: string
}

/** The name that options stand for: a string is that itself. */
export const argnameOf = (options: string | AverageOptions): string =>
  typeof options === 'string' ? options : (options.argname ?? 'values')

/** The values among the arguments of an update. Throws TypeError where there are none. */
export const valuesOf = (fn: string, args: MetricArguments | undefined, argname: string): TensorLike => {
  const values = args?.[argname]
  if (typeof values === 'number' || values instanceof ArrayOps) return values
  throw new TypeError(
    `${fn}: expected a tensor or a number under '${argname}', got ${values === undefined ? 'nothing' : values === null ? 'null' : typeof values}; call update({ ${argname}: loss })`,
  )
}

/** A mask in the shape of the values that it selects. */
const maskOf = (fn: string, mask: unknown, values: Tensor): Tensor => {
  const m = toTensor(fn, mask as TensorLike)
  const skip = values.ndim - m.ndim
  if (skip >= 0 && m.shape.every((extent, axis) => extent === 1 || extent === values.shape[skip + axis])) return m
  throw new ShapeError(
    `${fn}: mask must broadcast to the shape of the values, ${formatShape(values.shape)}, got shape ${formatShape(m.shape)}`,
  )
}

/** The mean of all values seen: NaN before the first. With `mask` only of those where it is true. */
export class Average extends Metric<Tensor> {
  readonly argname: string
  /** The sum of the values: float32. */
  readonly total: MetricState
  /** How many they are: int32. */
  readonly count: MetricState

  /** `new Average('loss')` averages what `update({ loss })` brings. */
  constructor(options: string | AverageOptions = {}) {
    super()
    this.argname = argnameOf(options)
    this.total = new MetricState(zeros([]))
    this.count = new MetricState(zeros([], { dtype: 'int32' }))
  }

  reset(): void {
    this.total.value = zeros([])
    this.count.value = zeros([], { dtype: 'int32' })
  }

  /** Throws TypeError where `argname` is missing or a number has a mask, ShapeError where the mask does not fit. */
  update(args: MetricArguments): void {
    this.take('Average.update', valuesOf('Average.update', args, this.argname), args['mask'])
  }

  compute(): Tensor {
    return divide(this.total, this.count)
  }

  /** Adds values. A mask counts once for each of its own elements that is true. */
  protected take(fn: string, values: TensorLike, mask: unknown): void {
    if (typeof values === 'number') {
      if (mask !== undefined && mask !== null)
        throw new TypeError(
          `${fn}: a mask needs ${this.argname} to be a tensor, got the number ${values}; leave out the mask`,
        )
      this.total.value = add(this.total, values)
      this.count.value = add(this.count, 1)
      return
    }
    const t = toTensor(fn, values)
    const m = mask === undefined || mask === null ? null : maskOf(fn, mask, t)
    const kept = m === null ? t : multiply(t, m.astype(t.dtype))
    const total = add(this.total, sum(kept)).astype(this.total.dtype)
    this.count.value = add(this.count, m === null ? t.size : sum(m).astype(this.count.dtype))
    this.total.value = total
  }
}
