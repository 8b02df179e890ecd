import { type Cache, type Layer, type Param, type Rngs, split, type StateOf, type VariableState } from '@linum/graph'
import {
  Accuracy,
  Average,
  Bidirectional,
  GRUCell,
  type LSTMCarry,
  LSTMCell,
  MultiHeadAttention,
  MultiMetric,
  RNN,
  sequential,
  type Statistics,
  TrainState,
  Welford,
  Linear,
} from '@linum/nn'
import { adam } from '@linum/optim'
import type { Tensor, TensorLike } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const rngs: Rngs
declare const x: Tensor

test('attention takes one to three inputs and options, and is a Layer', () => {
  const layer = new MultiHeadAttention(2, 8, { rngs })
  expectTypeOf(layer.forward(x)).toEqualTypeOf<Tensor>()
  expectTypeOf(layer.forward(x, { mask: x })).toEqualTypeOf<Tensor>()
  expectTypeOf(layer.forward(x, x, null, { isCausal: true })).toEqualTypeOf<Tensor>()
  expectTypeOf<MultiHeadAttention>().toExtend<Layer<TensorLike, Tensor>>()
  expectTypeOf<keyof StateOf<MultiHeadAttention, Cache>>().toEqualTypeOf<'cachedKey' | 'cachedValue' | 'cacheIndex'>()
  expectTypeOf<StateOf<MultiHeadAttention, Param>['query']['kernel']>().toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(sequential(layer, new Linear(8, 1, { rngs })).forward(x)).toEqualTypeOf<Tensor>()
  // @ts-expect-error an option that does not exist
  layer.forward(x, { causal: true })
  // @ts-expect-error parameters are random, so a layer needs rngs
  new MultiHeadAttention(2, 8)
})

test('an RNN knows the carry of its cell, and whether it returns it', () => {
  const plain = new RNN(new LSTMCell(3, 2, { rngs }))
  expectTypeOf(plain.forward(x)).toEqualTypeOf<Tensor>()
  expectTypeOf(plain.forward(x, { returnCarry: true })).toEqualTypeOf<readonly [carry: LSTMCarry, outputs: Tensor]>()
  const returning = new RNN(new GRUCell(3, 2, { rngs }), { returnCarry: true })
  expectTypeOf(returning.forward(x)[0]).toEqualTypeOf<Tensor>()
  expectTypeOf(returning.forward(x, { returnCarry: false })).toEqualTypeOf<Tensor>()
  const both = new Bidirectional(plain, returning, { returnCarry: true })
  expectTypeOf(both.forward(x)[0]).toEqualTypeOf<readonly [forward: LSTMCarry, backward: Tensor]>()
  // @ts-expect-error the carry of a GRU is one tensor
  returning.forward(x, { initialCarry: [x, x] })
})

test('several metrics are attributes, and their values have the types of each', () => {
  const metric = new MultiMetric({ loss: new Average('loss'), accuracy: new Accuracy(), spread: new Welford() })
  expectTypeOf(metric.accuracy).toEqualTypeOf<Accuracy>()
  expectTypeOf(metric.compute()).toEqualTypeOf<{
    readonly loss: Tensor
    readonly accuracy: Tensor
    readonly spread: Statistics
  }>()
  // @ts-expect-error no such metric
  metric.missing
  // @ts-expect-error labels are missing
  new Accuracy().update({ logits: x })
})

test('a TrainState keeps the types of its fields', () => {
  const [graphdef, params] = split(new Linear(2, 3, { rngs }))
  const current = TrainState.create(graphdef, { params, tx: adam(0.1), epoch: x })
  expectTypeOf(current.params.kernel).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(current.epoch).toEqualTypeOf<Tensor>()
  expectTypeOf(current.applyGradients(params)).toEqualTypeOf<typeof current>()
  expectTypeOf(current.apply(params).forward(x)[0]).toEqualTypeOf<Tensor>()
})
