import { Pytree, split, type Split, type SplitRngsOptions } from '@linum/graph'

type Filter = NonNullable<SplitRngsOptions['only']>

/** What a metric is updated with, by name. Names that a metric does not know are left alone. */
export type MetricArguments = Readonly<Record<string, unknown>>

/**
 * A quantity that grows with the batches it is shown: `update` takes in a batch, `compute` gives the value so far and
 * `reset` begins anew. Its state are `MetricState` Variables, so that a metric passes through lifted transforms.
 */
export abstract class Metric<Value = unknown> extends Pytree {
  abstract reset(): void
  abstract update(args: MetricArguments): void
  abstract compute(): Value

  /** As the function `split`. */
  split<const Fs extends readonly Filter[]>(...filters: Fs): Split<this, Fs> {
    return split(this, ...filters)
  }
}
