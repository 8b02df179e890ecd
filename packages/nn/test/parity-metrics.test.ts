import { Param, Rngs, split, state, update } from '@linum/graph'
import { EMA, Linear, type Metric, MultiMetric, TrainState } from '@linum/nn'
import * as optim from '@linum/optim'
import { jit as pureJit, type Tensor, tree } from '@linum/tensor'
import { valueAndGrad } from '@linum/autodiff'
import { jit } from '@linum/transforms'
import { byPath, lookUp, nested } from './by-path.js'
import {
  decode,
  type Encoded,
  first,
  guarded,
  labelled,
  load,
  mismatch,
  parity,
  tensor,
  treeMismatch,
} from './fixture.js'

interface MetricStep {
  readonly batch?: Readonly<Record<string, unknown>>
  readonly value: unknown
  readonly state?: Readonly<Record<string, Encoded>>
}

interface MetricCase {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options?: object
  readonly steps: readonly MetricStep[]
  readonly after: unknown
}

const makeMetric = (fn: string, args: readonly unknown[], options?: object): Metric =>
  new (lookUp<new (...args: readonly unknown[]) => Metric>(fn))(...args, ...(options === undefined ? [] : [options]))

const build = ({ fn, args, options }: MetricCase): Metric =>
  fn === 'MultiMetric'
    ? new MultiMetric(
        Object.fromEntries(
          (args as readonly (readonly [string, string, readonly unknown[]])[]).map(([name, kind, own]) => [
            name,
            makeMetric(kind, own),
          ]),
        ),
      )
    : makeMetric(fn, args, options)

const close = { rtol: 1e-5, atol: 2e-6 }

const metricMismatch =
  (wrap: (f: (metric: Metric, batch: object) => void) => (metric: Metric, batch: object) => void) =>
  (c: MetricCase): Promise<string | null> =>
    guarded(async () => {
      const metric = build(c)
      const step = wrap((m, batch) => m.update(batch as never))
      return first(
        ...c.steps.flatMap(({ batch, value, state: expected }, k) => [
          async () => {
            if (batch !== undefined) step(metric, decode(batch) as object)
            return labelled(`value after batch ${k}`, treeMismatch(metric.compute(), value, close))
          },
          async () =>
            expected === undefined
              ? null
              : labelled(`state after batch ${k}`, treeMismatch(byPath(state(metric)), expected, close)),
        ]),
        () => {
          metric.reset()
          return labelled('value after reset', treeMismatch(metric.compute(), c.after, close))
        },
      )
    })

const cases = load<MetricCase>(import.meta.url, 'metrics')
parity(
  'metrics',
  cases,
  metricMismatch((f) => f),
)
parity(
  'metrics in a jitted step',
  cases,
  metricMismatch((f) => jit(f as never)),
)

interface AverageCase {
  readonly fn: string
  readonly decay: number
  readonly x: Encoded
  readonly steps: readonly {
    readonly params: Readonly<Record<string, Encoded>>
    readonly averages: Readonly<Record<string, Encoded>>
    readonly out: Encoded
  }[]
}

const averageMismatch = (c: AverageCase): Promise<string | null> =>
  guarded(async () => {
    const model = new Linear(3, 2, { rngs: new Rngs(0) })
    const ema = new EMA(model, c.decay)
    const applied = ema.applyTo(model)
    const step = jit((average: EMA, m: Linear) => average.update(m))
    return first(
      ...c.steps.flatMap(({ params, averages, out }, k) => [
        async () => {
          update(model, nested(params) as never)
          step(ema, model)
          return labelled(
            `averages after step ${k}`,
            treeMismatch(byPath(state(ema).params as object), averages, close),
          )
        },
        () => labelled(`output after step ${k}`, mismatch(applied.forward(tensor(c.x)), out, close)),
      ]),
    )
  })

parity('averages', load<AverageCase>(import.meta.url, 'ema'), averageMismatch)

interface TrainStateCase {
  readonly fn: string
  readonly tx: readonly [name: 'adam' | 'sgd', ...args: readonly unknown[]]
  readonly x: Encoded
  readonly y: Encoded
  readonly steps: readonly {
    readonly loss: Encoded
    readonly step: Encoded
    readonly params: Readonly<Record<string, Encoded>>
  }[]
}

const trainStateMismatch = (c: TrainStateCase): Promise<string | null> =>
  guarded(async () => {
    const [graphdef, params] = split(new Linear(3, 2, { rngs: new Rngs(0) }), Param)
    const [name, ...args] = c.tx
    const tx = (optim[name] as (...args: readonly unknown[]) => optim.GradientTransformation)(...args)
    type S = TrainState<Linear, typeof params>
    let current: S = TrainState.create(graphdef, { params, tx })
    const [x, y] = [tensor(c.x), tensor(c.y)]
    const step = pureJit((s: S): readonly [Tensor, S] => {
      const lossOf = (p: typeof params): Tensor => s.apply(p).forward(x)[0].sub(y).square().mean()
      const [loss, grads] = valueAndGrad(lossOf as never)(s.params as never) as unknown as [Tensor, typeof params]
      return [loss, s.applyGradients(grads)]
    })
    return first(
      ...c.steps.map((expected, k) => () => {
        const [loss, next] = step(current)
        current = next
        const got = { loss, step: current.step, params: byPath(current.params) }
        return labelled(`step ${k}`, treeMismatch(got, { ...expected }, close))
      }),
      async () => (tree.leaves(current).length > 0 ? null : 'a TrainState has no leaves'),
    )
  })

parity('train states', load<TrainStateCase>(import.meta.url, 'train-state'), trainStateMismatch)
