import { ArrayOps } from '@linum/tensor'
import { Metric, type MetricArguments } from './metric.js'

type Metrics = Readonly<Record<string, Metric>>

/** The values of metrics by name. */
export type MetricValues<M> = { readonly [K in keyof M]: M[K] extends Metric<infer V> ? V : unknown }

const reserved: readonly string[] = ['reset', 'update', 'compute', 'split', 'metricNames', 'constructor']

const checkMetrics = (metrics: Metrics): void => {
  for (const [name, metric] of Object.entries(metrics)) {
    if (reserved.includes(name))
      throw new RangeError(
        `MultiMetric: a metric must not be named as a member of MultiMetric, got '${name}'; reserved are ${reserved.join(', ')}`,
      )
    if (!(metric instanceof Metric))
      throw new TypeError(
        `MultiMetric: '${name}' must be a Metric, got ${metric === null ? 'null' : typeof metric}; pass { ${name}: new Average() }`,
      )
  }
}

const maskFor = (mask: unknown, name: string): unknown =>
  typeof mask === 'object' && mask !== null && !(mask instanceof ArrayOps)
    ? (mask as Readonly<Record<string, unknown>>)[name]
    : mask

class MetricsByName<M extends Metrics> extends Metric<MetricValues<M>> {
  /** In the order in which they were given. */
  readonly metricNames: readonly string[]

  static {
    Object.defineProperty(this, 'name', { value: 'MultiMetric' })
  }

  constructor(metrics: M) {
    super()
    checkMetrics(metrics)
    this.metricNames = Object.keys(metrics)
    Object.assign(this, metrics)
  }

  reset(): void {
    for (const [, metric] of this.entries()) metric.reset()
  }

  /** All arguments go to every metric; `mask` may be an object of masks by the name of the metric. */
  update({ mask, ...args }: MetricArguments): void {
    for (const [name, metric] of this.entries()) {
      const own = maskFor(mask, name)
      metric.update(own === undefined || own === null ? args : { ...args, mask: own })
    }
  }

  compute(): MetricValues<M> {
    return Object.fromEntries(this.entries().map(([name, metric]) => [name, metric.compute()])) as MetricValues<M>
  }

  private entries(): readonly (readonly [string, Metric])[] {
    return this.metricNames.map((name) => [name, (this as unknown as Metrics)[name]!])
  }
}

/** Several metrics, each an attribute of its name. */
export type MultiMetric<M extends Metrics = Metrics> = MetricsByName<M> & Readonly<M>

/**
 * Several metrics that are updated together: `new MultiMetric({ loss: new Average('loss'), accuracy: new Accuracy() })`.
 * `compute` gives their values by name. Throws RangeError for the name of one of its own members.
 */
export const MultiMetric: {
  new <const M extends Metrics>(metrics: M): MultiMetric<M>
  readonly prototype: MetricsByName<Metrics>
} = MetricsByName as never
