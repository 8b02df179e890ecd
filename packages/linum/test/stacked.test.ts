import {
  Carry,
  clone,
  grad,
  iterGraph,
  jit,
  np,
  type Param,
  random,
  Rngs,
  scan,
  type Tensor,
  traceCount,
  valueAndGrad,
  Variable,
  VariableState,
  vmap,
} from 'linum'
import { describe, expect, test } from 'vitest'
import { Linear, MLP } from './models.js'
import { expectClose } from './numbers.js'

const createModel = vmap((key: Tensor) => new MLP(10, 32, 10, { rngs: new Rngs(key) }), { inAxes: 0, outAxes: 0 })
const forward = scan((model: MLP, x: Tensor) => model.forward(x), { inAxes: [0, Carry], outAxes: Carry })
const make = (): MLP => createModel(random.split(random.key(0), 5))
const keysOf = (model: MLP): unknown => random.keyData(model.dropout.rngs!.stream().key.value).toArray()
const countsOf = (model: MLP): unknown => model.dropout.rngs!.stream().count.value.toArray()
// A layer of MLP may have been replaced by another kind.
const weights = (layer: MLP['linear1']): Param => {
  if (layer instanceof Linear) return layer.w
  throw new TypeError('no Linear')
}
const gradient = (layer: object): Tensor => {
  if ('w' in layer && layer.w instanceof VariableState) return layer.w.asTensor()
  throw new TypeError('no gradient')
}
const magnitudes = (x: Tensor): Tensor => x.abs().reshape([5, -1]).sum({ axis: 1 })
const x = random.normal(random.key(1), [16, 10])

// Of Flax, with a Dropout that holds the Rngs it was given.
const reference = {
  firstRow: [
    -2.2813168, -1.8486785, -1.985289, -1.708766, -1.8169096, -2.1638951, -2.0634167, -1.6331681, -2.209959, -2.2121959,
  ],
  rowSums: [
    -19.923595, -21.202019, -22.078905, 124.417023, 47.189869, -21.081854, -24.093119, -19.639091, -21.430084,
    -21.845903, -21.383404, -20.893152, -22.238152, 579.701355, -20.387741, -9.384024,
  ],
  means: [0.17389533, 8.6635895, 6.5397396, 6.4277096, 5.415626],
  variances: [34.474731, 1086.532349, 1265.005737, 1641.893555, 1640.433838],
  loss: 227.5271,
  gradients: {
    w1: [103.649169, 2.84794, 2.1719596, 1.2100263, 1.6350404],
    w2: [24.145126, 13.645042, 8.907082, 8.273317, 876.157104],
    scale: [14.83654, 10.74872, 6.5094128, 3.8083243, 458.217712],
  },
}

describe('five models in one', () => {
  test('every leaf has a leading axis of five, random keys and counts too', () => {
    const shapes = Object.fromEntries(
      [...iterGraph(make())].flatMap(([path, v]) =>
        v instanceof Variable ? [[path.join('/'), (v as Variable).shape]] : [],
      ),
    )
    expect(shapes).toEqual({
      'bn/bias': [5, 32],
      'bn/mean': [5, 32],
      'bn/scale': [5, 32],
      'bn/var': [5, 32],
      'dropout/rngs/default/count': [5],
      'dropout/rngs/default/key': [5],
      'linear1/b': [5, 32],
      'linear1/w': [5, 10, 32],
      'linear2/b': [5, 10],
      'linear2/w': [5, 32, 10],
    })
  })

  test('hold the numbers of Flax, those of a model made from each key', () => {
    const model = make()
    expectClose(
      weights(model.linear1).value.slice([null, null], 0, 0),
      [0.28271997, 0.5788324, 0.06885099, 0.9536983, 0.80663455],
    )
    expectClose(
      weights(model.linear2).value.slice([null, null], 0, 0),
      [0.6330382824, 0.9516308308, 0.5611951351, 0.6667002439, 0.611883998],
    )
    expect(countsOf(model)).toEqual([4, 4, 4, 4, 4])
    const keys = random.split(random.key(0), 5)
    const third = new MLP(10, 32, 10, { rngs: new Rngs(keys.slice(3)) })
    expect(weights(model.linear2).value.slice(3).toArray()).toEqual(weights(third.linear2).value.toArray())
  })

  test('run one after the other, and the state of all five is updated', () => {
    const model = make()
    const { linear1, bn, dropout } = model
    const [keys, mean] = [keysOf(model), bn.mean]
    const y = forward(model, np.ones([3, 10]))
    expect(y.shape).toEqual([3, 10])
    expect([model.linear1 === linear1, model.bn === bn, model.dropout === dropout, bn.mean === mean]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect([countsOf(model), keysOf(model)]).toEqual([[5, 5, 5, 5, 5], keys])
    expect([model.bn.mean.shape, model.bn.var.shape]).toEqual([
      [5, 32],
      [5, 32],
    ])
    for (const changed of [
      model.bn.mean.value.abs().sum({ axis: 1 }),
      model.bn.var.value.sub(1).abs().sum({ axis: 1 }),
    ]) {
      expect((changed.toArray() as number[]).every((d) => d > 0)).toBe(true)
    }
  })

  test('give the numbers of Flax, dropout included', () => {
    const model = make()
    const y = forward(model, x)
    expectClose(y.slice(0), reference.firstRow, 1e-4)
    expectClose(y.sum({ axis: 1 }), reference.rowSums, 1e-4)
    expectClose(model.bn.mean.value.sum({ axis: 1 }), reference.means, 1e-4)
    expectClose(model.bn.var.value.sum({ axis: 1 }), reference.variances, 1e-4)
  })

  test('do what five models do in a loop', () => {
    const model = make()
    const keys = random.split(random.key(0), 5)
    const each = [0, 1, 2, 3, 4].map((i) => new MLP(10, 32, 10, { rngs: new Rngs(keys.slice(i)) }))
    const looped = each.reduce((h, m) => m.forward(h), x)
    expectClose(forward(model, x), looped.toArray(), 1e-4)
    expectClose(model.bn.mean, np.stack(each.map((m) => m.bn.mean.value)).toArray(), 1e-4)
    expectClose(model.bn.var, np.stack(each.map((m) => m.bn.var.value)).toArray(), 1e-4)
  })
})

describe('training five models in one', () => {
  const loss = (model: MLP, x: Tensor): Tensor => forward(model, x).square().mean()

  test('gives the gradients of Flax, and updates the state', () => {
    const model = make()
    const [value, grads] = valueAndGrad(loss)(model, x)
    expectClose(value, reference.loss, 1e-4)
    expectClose(magnitudes(gradient(grads.linear1)), reference.gradients.w1, 1e-3)
    expectClose(magnitudes(gradient(grads.linear2)), reference.gradients.w2, 1e-3)
    expectClose(
      magnitudes((grads.bn.scale as NonNullable<typeof grads.bn.scale>).asTensor()),
      reference.gradients.scale,
      1e-3,
    )
    expect(countsOf(model)).toEqual([5, 5, 5, 5, 5])
    expectClose(model.bn.mean.value.sum({ axis: 1 }), reference.means, 1e-4)
  })

  test('jitted, gives the same numbers at every call, traced once', () => {
    const [model, twin] = [make(), make()]
    const run = jit((model: MLP, x: Tensor) => forward(model, x))
    for (let i = 0; i < 3; i++) expectClose(run(model, x), forward(twin, x).toArray(), 1e-3)
    expect(traceCount(run)).toBe(1)
    expect(countsOf(model)).toEqual([7, 7, 7, 7, 7])
    expectClose(model.bn.var, twin.bn.var.value.toArray(), 1e-3)
    const first = make()
    expectClose(magnitudes(gradient(jit(grad(loss))(first, x).linear2)), reference.gradients.w2, 1e-3)
  })

  test('draws other masks at the next call', () => {
    const model = make()
    const copy = clone(model)
    expect(forward(model, x).toArray()).toEqual(forward(copy, x).toArray())
    copy.dropout.rngs!.stream().count.update((c) => c.add(1))
    expect(forward(model, x).toArray()).not.toEqual(forward(copy, x).toArray())
  })
})
