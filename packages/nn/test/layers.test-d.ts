import {
  type BatchStat,
  type Layer,
  type LoRAParam,
  Module,
  Param,
  type Rngs,
  split,
  type StateOf,
  type VariableState,
} from '@linum/graph'
import {
  type BatchNorm,
  Conv,
  ConvTranspose,
  Dropout,
  type Einsum,
  type Embed,
  gelu,
  type Initializer,
  initializers,
  type LayerNorm,
  Linear,
  type LinearGeneral,
  LoRA,
  type LoRALinear,
  type PReLU,
  relu,
  Sequential,
  sequential,
  SpectralNorm,
  WeightNorm,
} from '@linum/nn'
import type { Tensor, TensorLike } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const rngs: Rngs
declare const x: Tensor

test('the State of a layer has its Variables, an optional bias as optional', () => {
  const linear = new Linear(2, 3, { rngs })
  const [, params] = split(linear, Param)
  expectTypeOf(params.kernel).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(params.bias).toEqualTypeOf<VariableState<Tensor> | undefined>()
  expectTypeOf<keyof StateOf<Linear>>().toEqualTypeOf<'kernel' | 'bias'>()
  expectTypeOf<keyof StateOf<BatchNorm, BatchStat>>().toEqualTypeOf<'mean' | 'var'>()
  expectTypeOf<keyof StateOf<BatchNorm, Param>>().toEqualTypeOf<'scale' | 'bias'>()
  expectTypeOf<keyof StateOf<LayerNorm>>().toEqualTypeOf<'scale' | 'bias'>()
  expectTypeOf<keyof StateOf<Dropout>>().toEqualTypeOf<'rngs'>()
  expectTypeOf<keyof StateOf<Embed>>().toEqualTypeOf<'embedding'>()
  expectTypeOf<keyof StateOf<Conv, Param>>().toEqualTypeOf<'kernel' | 'bias'>()
  expectTypeOf<keyof StateOf<Conv>>().toEqualTypeOf<'kernel' | 'bias' | 'mask'>()
  expectTypeOf<keyof StateOf<LinearGeneral>>().toEqualTypeOf<'kernel' | 'bias'>()
  expectTypeOf<keyof StateOf<Einsum>>().toEqualTypeOf<'kernel' | 'bias'>()
  expectTypeOf<keyof StateOf<LoRALinear['lora'], LoRAParam>>().toEqualTypeOf<'loraA' | 'loraB' | 'baseModule'>()
  expectTypeOf<keyof StateOf<PReLU>>().toEqualTypeOf<'negativeSlope'>()
  expectTypeOf<StateOf<WeightNorm<Linear>, Param>['layerInstance']>().toEqualTypeOf<StateOf<Linear, Param>>()
})

test('wrapped layers take and give what they do alone', () => {
  expectTypeOf(new WeightNorm(new Linear(2, 3, { rngs }), { rngs }).forward(x)).toEqualTypeOf<Tensor>()
  expectTypeOf(new SpectralNorm(new Linear(2, 3, { rngs }), { rngs }).forward(x)).toEqualTypeOf<Tensor>()
  // @ts-expect-error a Linear takes tensors
  new WeightNorm(new Linear(2, 3, { rngs }), { rngs }).forward('x')
  expectTypeOf(new LoRA(2, 1, 3, { loraParamType: Param, rngs }).loraA).toEqualTypeOf<Param>()
})

test('layers are Layers', () => {
  expectTypeOf<Linear>().toExtend<Layer<Tensor, Tensor>>()
  expectTypeOf<BatchNorm>().toExtend<Layer<TensorLike, Tensor>>()
  expectTypeOf<Dropout>().toExtend<Layer<Tensor, Tensor>>()
  expectTypeOf<Sequential<[Linear, Dropout]>>().toExtend<Layer<Tensor, Tensor>>()
})

test('options are checked', () => {
  // @ts-expect-error parameters are random, so a layer needs rngs
  new Linear(2, 3)
  // @ts-expect-error an option that does not exist
  new Linear(2, 3, { usebias: false, rngs })
  // @ts-expect-error parameters are floats
  new Linear(2, 3, { paramDtype: 'int32', rngs })
  // @ts-expect-error no way to reach over the edges
  new Conv(2, 3, 3, { padding: 'FULL', rngs })
  // @ts-expect-error a transposed convolution cannot mirror
  new ConvTranspose(2, 3, 3, { padding: 'REFLECT', rngs })
  // @ts-expect-error absent, not undefined
  new Linear(2, 3, { useBias: undefined, rngs })
  // @ts-expect-error strings are not tensors
  new Linear(2, 3, { rngs }).forward('x')
  new Dropout(0.5)
})

test('initializers are functions of key, shape and dtype', () => {
  expectTypeOf(initializers.lecunNormal()).toEqualTypeOf<Initializer>()
  expectTypeOf(initializers.zeros).toEqualTypeOf<Initializer>()
  // @ts-expect-error the names of JAX
  initializers.varianceScaling(1, 'fan_max', 'normal')
})

test('sequential knows its input, its output and its state', () => {
  const model = sequential(new Linear(2, 3, { rngs }), relu, (h) => gelu(h), new Linear(3, 1, { rngs }))
  expectTypeOf(model.forward(x)).toEqualTypeOf<Tensor>()
  expectTypeOf(split(model, Param)[1].layers[0].kernel).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(
    sequential(
      (s: string) => s.length,
      (n) => [n, `${n}`] as const,
      (n: number, s: string) => s === `${n}`,
    ).forward('a'),
  ).toEqualTypeOf<boolean>()
  expectTypeOf(
    sequential(
      new Linear(2, 3, { rngs }),
      (h) => h.mul(2),
      relu,
      (h) => h.sum(),
    ).forward(x),
  ).toEqualTypeOf<Tensor>()
  // @ts-expect-error the first layer takes tensors
  model.forward('x')
  // @ts-expect-error a string is no tensor
  sequential((t: Tensor) => String(t), new Linear(2, 3, { rngs }))
  // @ts-expect-error nor does relu take one
  sequential(new Linear(2, 3, { rngs }), (h) => String(h), relu)
  const both = (a: Tensor, b: Tensor): Tensor => a.add(b)
  // @ts-expect-error the second argument is missing
  sequential((t: Tensor) => t, both)
  // @ts-expect-error 3 is neither a layer nor a function
  sequential(3)
})

test('a Sequential of a list of layers takes and gives what they do', () => {
  const model = new Sequential(...([] as Linear[]))
  expectTypeOf(model.forward(x)).toEqualTypeOf<Tensor>()
  class Model extends Module {
    body = model
  }
  expectTypeOf<StateOf<Model, Param>['body']['layers'][number]>().toEqualTypeOf<StateOf<Linear, Param>>()
})
