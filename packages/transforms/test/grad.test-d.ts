import type { Tensor, TensorLike } from '@linum/tensor'
import {
  BatchStat,
  type LoRAParam,
  type Module,
  Param,
  type State,
  type StateOf,
  type VariableState,
} from '@linum/graph'
import { type ChosenGrads, DiffState, grad, type GradOf, jit, valueAndGrad } from '@linum/transforms'
import { expectTypeOf, test } from 'vitest'
import { Count, type Linear, type Net } from './models.js'

declare const net: Net
declare const linear: Linear
declare const x: Tensor
declare const loss: (net: Net, x: Tensor, scale: TensorLike) => Tensor

test('the gradient of a Module is the State of its Params', () => {
  const g = grad(loss)(net, x, 1)
  expectTypeOf(g).toEqualTypeOf<StateOf<Net, Param>>()
  expectTypeOf(g.first.w).toEqualTypeOf<VariableState<Tensor>>()
  // @ts-expect-error statistics are not differentiated
  g.mean
  // @ts-expect-error a number is not
  g.first.din
})

test('wrt chooses by class', () => {
  const g = grad(loss, { wrt: BatchStat })(net, x, 1)
  expectTypeOf(g.mean).toEqualTypeOf<VariableState<Tensor>>()
  // @ts-expect-error Params are not asked for
  g.first
  expectTypeOf(grad(loss, { wrt: Count })(net, x, 1).calls).toEqualTypeOf<VariableState<Tensor>>()
})

test('argnums choose, and are checked against the parameters', () => {
  expectTypeOf(grad(loss, { argnums: 1 })(net, x, 1)).toEqualTypeOf<Tensor>()
  const [dx, dnet] = grad(loss, { argnums: [1, 0] })(net, x, 1)
  expectTypeOf(dx).toEqualTypeOf<Tensor>()
  expectTypeOf(dnet).toEqualTypeOf<StateOf<Net, Param>>()
  const mixed = grad(loss, { argnums: [new DiffState(0, 'tag'), 2] })(net, x, 1)
  expectTypeOf(mixed).toEqualTypeOf<readonly [ChosenGrads, Tensor]>()
  expectTypeOf(grad(loss, { argnums: new DiffState(0, 'tag') })(net, x, 1)).toEqualTypeOf<ChosenGrads>()
  // @ts-expect-error there is no fourth parameter
  grad(loss, { argnums: 3 })
  // @ts-expect-error two positions give two gradients
  grad(loss, { argnums: [1, 0] })(net, x, 1)[2]
})

test('the gradient of other arguments', () => {
  expectTypeOf<GradOf<Param>>().toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf<GradOf<Tensor>>().toEqualTypeOf<Tensor>()
  expectTypeOf<GradOf<number>>().toEqualTypeOf<Tensor>()
  expectTypeOf<GradOf<TensorLike>>().toEqualTypeOf<Tensor>()
  expectTypeOf<GradOf<Module>>().toEqualTypeOf<State>()
  expectTypeOf<GradOf<Map<string, Tensor>>>().toEqualTypeOf<ReadonlyMap<string, Tensor>>()
  const g = grad((p: { readonly layers: readonly [Linear, LoRAParam]; readonly t: Tensor; readonly none: null }) =>
    p.t.sum(),
  )({ layers: [linear, {} as LoRAParam], t: x, none: null })
  expectTypeOf(g.layers[0].w).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(g.layers[1]).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(g.t).toEqualTypeOf<Tensor>()
  expectTypeOf(g.none).toEqualTypeOf<null>()
})

test('values and aux are typed', () => {
  expectTypeOf(valueAndGrad(loss)(net, x, 1)).toEqualTypeOf<readonly [Tensor, StateOf<Net, Param>]>()
  const withAux = (m: Linear): readonly [Tensor, { m: Linear; n: number }] => [m.w.sum(), { m, n: 1 }]
  expectTypeOf(grad(withAux, { hasAux: true })(linear)).toEqualTypeOf<
    readonly [StateOf<Linear, Param>, { m: Linear; n: number }]
  >()
  expectTypeOf(valueAndGrad(withAux, { hasAux: true })(linear)).toEqualTypeOf<
    readonly [readonly [Tensor, { m: Linear; n: number }], StateOf<Linear, Param>]
  >()
  // @ts-expect-error without hasAux the function returns a scalar
  grad(withAux)
  // @ts-expect-error with hasAux it returns a pair
  grad(loss, { hasAux: true })
})

test('transforms nest', () => {
  const step = jit((net: Net, x: Tensor) => valueAndGrad(loss)(net, x, 1))
  expectTypeOf(step(net, x)).toEqualTypeOf<readonly [Tensor, StateOf<Net, Param>]>()
  expectTypeOf(grad(jit(loss))(net, x, 1)).toEqualTypeOf<StateOf<Net, Param>>()
  expectTypeOf(grad(loss)).parameters.toEqualTypeOf<[net: Net, x: Tensor, scale: TensorLike]>()
})

test('a generic loss stays generic', () => {
  const g = grad(<M extends Linear>(m: M, x: Tensor) => m.forward(x).sum())
  expectTypeOf(g(linear, x).w).toEqualTypeOf<VariableState<Tensor>>()
  // @ts-expect-error not a Linear
  g(x, x)
})
