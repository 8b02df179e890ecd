import { MetricState } from '@linum/graph'
import {
  add,
  divide,
  mean,
  multiply,
  sqrt,
  subtract,
  type Tensor,
  type TensorLike,
  var as variance,
  zeros,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { argnameOf, type AverageOptions, valuesOf } from './average.js'
import { Metric, type MetricArguments } from './metric.js'

/** What `Welford` computes. */
export interface Statistics {
  readonly mean: Tensor
  readonly standardErrorOfMean: Tensor
  readonly standardDeviation: Tensor
}

/** The values of one batch. */
interface Batch {
  readonly count: number
  readonly mean: TensorLike
  /** The sum of squared distances to the mean. */
  readonly m2: TensorLike
}

const batchOf = (values: TensorLike): Batch => {
  if (typeof values === 'number') return { count: 1, mean: values, m2: 0 }
  const t = toTensor('Welford.update', values)
  return { count: t.size, mean: mean(t), m2: multiply(variance(t), t.size) }
}

/**
 * Mean, standard deviation and standard error of all values seen, without keeping them: means 0 and deviations NaN before
 * the first. Deviations divide by the count. Welford 1962, Chan et al. 1979.
 */
export class Welford extends Metric<Statistics> {
  readonly argname: string
  /** How many values: int32. */
  readonly count: MetricState
  readonly mean: MetricState
  /** The sum of squared distances to the mean. */
  readonly m2: MetricState

  /** `new Welford('loss')` takes what `update({ loss })` brings. */
  constructor(options: string | AverageOptions = {}) {
    super()
    this.argname = argnameOf(options)
    this.count = new MetricState(zeros([], { dtype: 'int32' }))
    this.mean = new MetricState(zeros([]))
    this.m2 = new MetricState(zeros([]))
  }

  reset(): void {
    this.count.value = zeros([], { dtype: 'int32' })
    this.mean.value = zeros([])
    this.m2.value = zeros([])
  }

  /** Throws TypeError where `argname` is missing. */
  update(args: MetricArguments): void {
    const batch = batchOf(valuesOf('Welford.update', args, this.argname))
    const before = this.count.value
    const count = add(before, batch.count)
    const delta = subtract(batch.mean, this.mean)
    const shifted = divide(multiply(delta, batch.count), count)
    const between = divide(multiply(multiply(multiply(delta, delta), batch.count), before), count)
    const [nextMean, nextM2] = [add(this.mean, shifted), add(this.m2, add(batch.m2, between))]
    this.count.value = count
    this.mean.value = nextMean.astype(this.mean.dtype)
    this.m2.value = nextM2.astype(this.m2.dtype)
  }

  compute(): Statistics {
    const standardDeviation = sqrt(divide(this.m2, this.count))
    return {
      mean: this.mean.value,
      standardErrorOfMean: divide(standardDeviation, sqrt(this.count)),
      standardDeviation,
    }
  }
}
