import { flatState, type Module, Param, Rngs, split, state, type VariableState } from '@linum/graph'
import * as nn from '@linum/nn'
import { arange, array, divide, random, stack, type Tensor } from '@linum/tensor'
import { grad, jit, vmap } from '@linum/transforms'
import { describe, expect, test } from 'vitest'
import { expectClose } from './numbers.js'

type AnyLayer = Module & { forward(x: Tensor): Tensor }

const image = [4, 4, 2] as const

/** Every layer with the shape of one example that it takes. */
const layers: Readonly<Record<string, readonly [shape: readonly number[], make: (rngs: Rngs) => AnyLayer]>> = {
  Linear: [[2], (rngs) => new nn.Linear(2, 3, { rngs })],
  LinearGeneral: [[2, 3], (rngs) => new nn.LinearGeneral([2, 3], [2, 2], { axis: [-2, -1], rngs })],
  Einsum: [[3], (rngs) => new nn.Einsum('...a,abc->...bc', [3, 2, 2], { biasShape: [2, 2], rngs })],
  Conv: [image, (rngs) => new nn.Conv(2, 4, [3, 2], { padding: 'CIRCULAR', featureGroupCount: 2, rngs })],
  'Conv with a mask': [
    image,
    (rngs) => new nn.Conv(2, 3, [2, 2], { mask: random.normal(random.key(1), [2, 2, 2, 3]), rngs }),
  ],
  ConvTranspose: [image, (rngs) => new nn.ConvTranspose(2, 3, [3, 3], { strides: 2, padding: 'CIRCULAR', rngs })],
  BatchNorm: [[3], (rngs) => new nn.BatchNorm(3, { momentum: 0.5, rngs })],
  LayerNorm: [[3], (rngs) => new nn.LayerNorm(3, { rngs })],
  RMSNorm: [[3], (rngs) => new nn.RMSNorm(3, { rngs })],
  GroupNorm: [[3, 4], (rngs) => new nn.GroupNorm(4, { numGroups: 2, rngs })],
  InstanceNorm: [[3, 4], (rngs) => new nn.InstanceNorm(4, { rngs })],
  WeightNorm: [[2], (rngs) => new nn.WeightNorm(new nn.Linear(2, 3, { rngs }), { rngs })],
  SpectralNorm: [[2], (rngs) => new nn.SpectralNorm(new nn.Linear(2, 3, { rngs }), { rngs })],
  Dropout: [[6], (rngs) => new nn.Dropout(0.5, { rngs })],
  LoRA: [[2], (rngs) => new nn.LoRA(2, 1, 3, { baseModule: new nn.Linear(2, 3, { rngs }), rngs })],
  LoRALinear: [[2], (rngs) => new nn.LoRALinear(2, 3, { loraRank: 2, rngs })],
  PReLU: [[3], () => new nn.PReLU(0.1)],
}

const inputOf = (shape: readonly number[], batch: readonly number[] = [3]): Tensor =>
  divide(arange([...batch, ...shape].reduce((n, m) => n * m, 1)).reshape([...batch, ...shape]), 7)
    .mul(12.9898)
    .sin()

const leaves = (s: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    flatState<VariableState>(s).map(([path, leaf]) => {
      const t = leaf.asTensor()
      return [path.join('/'), (t.dtype === 'key' ? random.keyData(t) : t).toArray()]
    }),
  )

const loss = (m: AnyLayer, x: Tensor): Tensor => m.forward(x).mul(1.5).sin().sum()

for (const [name, [shape, make]] of Object.entries(layers)) {
  describe(`${name} in lifted transforms`, () => {
    test('a jitted call gives the same bits, leaves the same state and traces once', () => {
      const [eager, compiled] = [make(new Rngs(0)), make(new Rngs(0))]
      let traces = 0
      const call = jit((m: AnyLayer, x: Tensor) => {
        traces++
        return m.forward(x)
      })
      for (let k = 0; k < 3; k++)
        expect(call(compiled, inputOf(shape)).toArray()).toEqual(eager.forward(inputOf(shape)).toArray())
      expect(leaves(state(compiled))).toEqual(leaves(state(eager)))
      expect(traces).toBe(1)
    })

    test('a jitted gradient is the gradient', () => {
      const [eager, compiled] = [make(new Rngs(0)), make(new Rngs(0))]
      const x = inputOf(shape)
      const [want, got] = [grad(loss)(eager, x), jit(grad(loss))(compiled, x)]
      expect(leaves(got as object)).toEqual(leaves(want as object))
      expect(leaves(state(compiled))).toEqual(leaves(state(eager)))
      expect(flatState(want as object).length).toBe(flatState(state(eager, Param)).length)
    })

    test('copies made and called by vmap are those of their own', () => {
      const keys = random.split(random.key(3), 2)
      const stacked = vmap((key: Tensor) => make(new Rngs(key)), { inAxes: 0, outAxes: 0 })(keys)
      const x = inputOf(shape, [2, 3])
      const out = vmap((m: AnyLayer, each: Tensor) => m.forward(each), { inAxes: [0, 0] })(stacked, x)
      const single = [0, 1].map((i) => {
        const own = make(new Rngs(keys.slice(i)))
        return [own, own.forward(x.slice(i))] as const
      })
      expectClose(out, stack(single.map(([, y]) => y)).toArray(), 1e-5, 1e-5)
      for (const [path, leaf] of flatState<VariableState>(state(stacked))) {
        const [a, b] = single.map(
          ([own]) => flatState<VariableState>(state(own)).find(([p]) => p.join() === path.join())![1],
        )
        const t = leaf.asTensor()
        if (t.dtype !== 'key' && t.dtype !== 'uint32')
          expectClose(t, stack([a!.asTensor(), b!.asTensor()]).toArray(), 1e-5, 1e-5)
      }
    })
  })
}

test('equal layers have equal graph definitions', () => {
  for (const [name, [, make]] of Object.entries(layers))
    expect([name, split(make(new Rngs(0)))[0].equals(split(make(new Rngs(1)))[0])]).toEqual([name, true])
})

test('weights of an adapter alone are trained by their class', () => {
  const [shape, make] = layers['LoRALinear']!
  const model = make(new Rngs(0)) as nn.LoRALinear
  const byClass = grad((m: nn.LoRALinear) => loss(m, inputOf(shape)), { wrt: model.lora.loraA.type })(model)
  expect(Object.keys(leaves(byClass as object))).toEqual(['lora/loraA', 'lora/loraB'])
})

test('a mask of a convolution is state, and no parameter', () => {
  const mask = array([[[1], [0]]])
  const layer = new nn.Conv(2, 1, 1, { mask, rngs: new Rngs(0) })
  expect(Object.keys(leaves(state(layer, Param)))).toEqual(['bias', 'kernel'])
  expect(flatState(state(layer)).map(([path]) => path.join('/'))).toEqual(['bias', 'kernel', 'mask'])
})
