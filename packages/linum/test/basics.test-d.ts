import {
  type ArrayOps,
  type GraphDef,
  merge,
  np,
  Param,
  Rngs,
  split,
  type Tensor,
  valueAndGrad,
  type VariableState,
} from 'linum'
import { expectTypeOf, test } from 'vitest'
import { Count, type MLP, StatefulLinear } from './models.js'

declare const x: Tensor

test('split gives a typed State per filter', () => {
  const model = new StatefulLinear(3, 5, { rngs: new Rngs(0) })
  const [graphdef, params, counts] = split(model, Param, Count)
  expectTypeOf(graphdef).toEqualTypeOf<GraphDef<StatefulLinear>>()
  expectTypeOf<keyof typeof params>().toEqualTypeOf<'w' | 'b'>()
  expectTypeOf<keyof typeof counts>().toEqualTypeOf<'count'>()
  expectTypeOf(params.w).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(params.w).toExtend<ArrayOps>()
  expectTypeOf(merge(graphdef, params, counts)).toEqualTypeOf<StatefulLinear>()
})

test('gradients have the structure of the parameters', () => {
  const step = valueAndGrad((model: StatefulLinear, x: Tensor) => model.forward(x).mean())
  const [loss, grads] = step(new StatefulLinear(3, 5, { rngs: new Rngs(0) }), np.ones([1, 3]))
  expectTypeOf(loss).toEqualTypeOf<Tensor>()
  expectTypeOf<keyof typeof grads>().toEqualTypeOf<'w' | 'b'>()
  // @ts-expect-error a tensor is no model
  step(x, x)
})

test('layers of a model are typed', () => {
  expectTypeOf<MLP['forward']>().parameters.toEqualTypeOf<[x: Tensor]>()
  expectTypeOf<MLP['bn']['scale']>().toEqualTypeOf<Param | null>()
})
