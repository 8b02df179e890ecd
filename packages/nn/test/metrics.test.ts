import { fc, test } from '@fast-check/vitest'
import { MetricState, Rngs, split, state } from '@linum/graph'
import { Accuracy, Average, Linear, Metric, metrics, MultiMetric, Welford } from '@linum/nn'
import { add, array, concatenate, DtypeError, ones, ShapeError, type Tensor, zeros } from '@linum/tensor'
import { jit, scan, traceCount } from '@linum/transforms'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const labels = array([0, 1, 1], { dtype: 'int32' })
const logits = array([
  [2, 1],
  [0, 3],
  [4, 3],
])

describe('metrics', () => {
  test('an average is NaN before the first value and after a reset', () => {
    const metric = new Average()
    expect(metric.compute().item()).toBeNaN()
    metric.update({ values: array([1, 2, 3, 4]) })
    expectClose(metric.compute(), 2.5)
    metric.update({ values: 10, other: 'ignored' })
    expectClose(metric.compute(), 4)
    metric.reset()
    expect(metric.compute().item()).toBeNaN()
    expect([metric.total.value.dtype, metric.count.value.dtype]).toEqual(['float32', 'int32'])
  })

  test('names of arguments are given as a string or an option', () => {
    const [plain, option] = [new Average('loss'), new Welford({ argname: 'loss' })]
    plain.update({ loss: 3 })
    option.update({ loss: 3 })
    expectClose(plain.compute(), 3)
    expectClose(option.compute().mean, 3)
  })

  const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 8 })
  test.prop([numbers, numbers], { numRuns: 20 })('batches are as all of their values at once', (a, b) => {
    const both = concatenate([array(a), array(b)])
    for (const make of [() => new Average(), () => new Welford()]) {
      const [apart, together] = [make(), make()]
      apart.update({ values: array(a) })
      apart.update({ values: array(b) })
      together.update({ values: both })
      const values = (m: Metric): readonly Tensor[] => Object.values({ ...(m.compute() as object) }) as Tensor[]
      const flat = (m: Metric): readonly Tensor[] => (m instanceof Average ? [m.compute()] : values(m))
      flat(apart).forEach((x, i) => expectClose(x, flat(together)[i]!.item() as number, 1e-4, 1e-4))
    }
    const { mean, standardDeviation } = (() => {
      const metric = new Welford()
      metric.update({ values: both })
      return metric.compute()
    })()
    expectClose(mean, both.mean().item() as number, 1e-4, 1e-4)
    expectClose(standardDeviation, both.std().item() as number, 1e-4, 1e-4)
  })

  test('accuracy is the share of right labels', () => {
    const metric = new Accuracy()
    metric.update({ logits, labels })
    expectClose(metric.compute(), 2 / 3)
    const binary = new Accuracy({ threshold: 0.5 })
    binary.update({ logits: array([0.5, 0.4, -1]), labels: array([1, 1, 0], { dtype: 'uint8' }) })
    expectClose(binary.compute(), 2 / 3)
    binary.reset()
    binary.update({ logits: array([0.5, 0.4]), labels: array([1, 1], { dtype: 'int32' }), mask: array([true, false]) })
    expectClose(binary.compute(), 1)
  })

  test('several metrics are attributes and give their values by name, in the order given', () => {
    const metric = new MultiMetric({ loss: new Average('loss'), accuracy: new Accuracy(), again: new Welford('loss') })
    metric.update({ logits, labels, loss: array([1, 3]) })
    const values = metric.compute()
    expect(Object.keys(values)).toEqual(['loss', 'accuracy', 'again'])
    expectClose(values.loss, 2)
    expectClose(values.again.standardDeviation, 1)
    expectClose(metric.accuracy.compute(), 2 / 3)
    expect([metric.constructor.name, metric instanceof MultiMetric]).toEqual(['MultiMetric', true])
    metric.reset()
    metric.update({ logits, labels, loss: array([1, 3]), mask: { loss: array([0, 1]) } })
    expectClose(metric.loss.compute(), 3)
    expectClose(metric.accuracy.compute(), 2 / 3)
  })

  test('the state of metrics is MetricState, by name', () => {
    const metric = new MultiMetric({ loss: new Average('loss'), accuracy: new Accuracy() })
    const [graphdef, own] = metric.split(MetricState)
    expect(Object.keys(own)).toEqual(['accuracy', 'loss'])
    expect(graphdef.equals(split(metric)[0])).toBe(true)
    expect(Object.keys(state(new Welford()))).toEqual(['count', 'm2', 'mean'])
  })

  test('metrics are updated inside of jitted steps and scans', () => {
    const metric = new MultiMetric({ loss: new Average('loss') })
    const step = jit((m: typeof metric, loss: Tensor) => m.update({ loss }))
    step(metric, array([1, 2]))
    step(metric, array([3, 6]))
    expectClose(metric.loss.compute(), 3)
    expect(traceCount(step)).toBe(1)
    const average = new Average()
    const sum = scan((m: Average, x: Tensor): [Average, Tensor] => {
      m.update({ values: x })
      return [m, m.compute()]
    })
    expectClose(sum(average, array([1, 3, 5]))[1], [1, 2, 3])
    expectClose(average.compute(), 3)
  })

  test("one's own metric extends Metric", () => {
    class Max extends Metric<Tensor> {
      readonly most = new MetricState(zeros([]))
      reset(): void {
        this.most.value = zeros([])
      }
      update({ values }: { readonly values: Tensor }): void {
        this.most.update((m) => add(values.max(), m.mul(0)))
      }
      compute(): Tensor {
        return this.most.value
      }
    }
    const metric = new MultiMetric({ most: new Max() })
    metric.update({ values: array([1, 5, 2]) })
    expectClose(metric.compute().most, 5)
    expect(new metrics.Average()).toBeInstanceOf(Average)
  })

  test('errors name the metric, the argument and what was got, and change nothing', () => {
    const metric = new Average('loss')
    expect(() => metric.update({ values: 1 })).toThrow(
      new TypeError(
        "Average.update: expected a tensor or a number under 'loss', got nothing; call update({ loss: loss })",
      ),
    )
    expect(() => metric.update({ loss: 1, mask: ones([1]) })).toThrow(
      'a mask needs loss to be a tensor, got the number 1',
    )
    expect(() => metric.update({ loss: ones([2]), mask: ones([3]) })).toThrow(
      new ShapeError('Average.update: mask must broadcast to the shape of the values, (2,), got shape (3,)'),
    )
    expect(metric.compute().item()).toBeNaN()
    const accuracy = new Accuracy()
    expect(() => accuracy.update({ logits: ones([3]), labels })).toThrow(
      'Accuracy.update: logits must have one axis more than labels, for the classes, got shapes (3,) and (3,)',
    )
    expect(() => new Accuracy({ threshold: 1 }).update({ logits, labels })).toThrow('logits must have as many axes')
    expect(() => accuracy.update({ logits, labels: ones([3]) })).toThrow(
      new DtypeError("Accuracy.update: labels must be integers, got float32; make them with { dtype: 'int32' }"),
    )
    expect(() => accuracy.update({ logits } as never)).toThrow('labels must be a tensor, got undefined')
    expect(() => new Accuracy({ threshold: '1' as never })).toThrow('Accuracy: threshold must be a number')
    expect(() => new MultiMetric({ update: new Average() })).toThrow(RangeError)
    expect(() => new MultiMetric({ loss: new Linear(1, 1, { rngs: new Rngs(0) }) as never })).toThrow(
      "MultiMetric: 'loss' must be a Metric",
    )
  })
})
