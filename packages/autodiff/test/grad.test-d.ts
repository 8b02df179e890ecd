import { type Argnum, grad, type GradOf, type Pullback, valueAndGrad, vjp } from '@linum/autodiff'
import type { Tensor, TensorLike } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

interface Params {
  readonly layers: readonly [{ readonly w: Tensor; readonly scale: number }, Tensor]
  readonly list: readonly Tensor[]
  readonly none: null
}
declare const params: Params
declare const x: Tensor
declare const loss: (params: Params, x: Tensor, n: number) => Tensor

test('a gradient has the structure of its argument', () => {
  expectTypeOf<GradOf<Tensor>>().toEqualTypeOf<Tensor>()
  expectTypeOf<GradOf<number>>().toEqualTypeOf<Tensor>()
  expectTypeOf<GradOf<TensorLike>>().toEqualTypeOf<Tensor>()
  expectTypeOf<GradOf<unknown>>().toEqualTypeOf<unknown>()
  expectTypeOf<GradOf<Tensor | null>>().toEqualTypeOf<Tensor | null>()
  expectTypeOf<GradOf<readonly [Tensor, { a: number }]>>().toEqualTypeOf<readonly [Tensor, { readonly a: Tensor }]>()
  const g = grad(loss)(params, x, 1)
  expectTypeOf(g.layers[0].scale).toEqualTypeOf<Tensor>()
  expectTypeOf(g.layers[1]).toEqualTypeOf<Tensor>()
  expectTypeOf(g.list[0]!).toEqualTypeOf<Tensor>()
  expectTypeOf(g.none).toEqualTypeOf<null>()
})

test('argnums choose, and are checked against the parameters', () => {
  expectTypeOf<Argnum<[Tensor, number]>>().toEqualTypeOf<0 | 1>()
  expectTypeOf<Argnum<readonly Tensor[]>>().toEqualTypeOf<number>()
  expectTypeOf(grad(loss, { argnums: 1 })(params, x, 1)).toEqualTypeOf<Tensor>()
  const [dn, dp] = grad(loss, { argnums: [2, 0] })(params, x, 1)
  expectTypeOf(dn).toEqualTypeOf<Tensor>()
  expectTypeOf(dp).toEqualTypeOf<GradOf<Params>>()
  // @ts-expect-error two positions give two gradients
  grad(loss, { argnums: [2, 0] })(params, x, 1)[2]
  // @ts-expect-error there is no fourth parameter
  grad(loss, { argnums: 3 })
  // @ts-expect-error there is no fourth parameter
  grad(loss, { argnums: [0, 3] })
  // @ts-expect-error positions are numbers
  grad(loss, { argnums: 'x' })
})

test('a function of any number of tensors', () => {
  const sum = (...xs: readonly Tensor[]): Tensor => xs.reduce((a, b) => a.add(b))
  expectTypeOf(grad(sum)(x, x)).toEqualTypeOf<Tensor>()
  expectTypeOf(grad(sum, { argnums: [0, 5] })(x, x)).toEqualTypeOf<readonly [Tensor, Tensor]>()
})

test('parameters keep their names and types', () => {
  expectTypeOf(grad(loss)).parameters.toEqualTypeOf<[params: Params, x: Tensor, n: number]>()
  // @ts-expect-error an argument is missing
  grad(loss)(params, x)
  // @ts-expect-error wrong type
  grad(loss)(params, 'x', 1)
})

test('values and aux are typed', () => {
  expectTypeOf(valueAndGrad(loss)(params, x, 1)).toEqualTypeOf<readonly [Tensor, GradOf<Params>]>()
  const withAux = (x: Tensor): readonly [Tensor, { n: number; t: Tensor }] => [x, { n: 1, t: x }]
  expectTypeOf(grad(withAux, { hasAux: true })(x)).toEqualTypeOf<readonly [Tensor, { n: number; t: Tensor }]>()
  expectTypeOf(valueAndGrad(withAux, { hasAux: true })(x)).toEqualTypeOf<
    readonly [readonly [Tensor, { n: number; t: Tensor }], Tensor]
  >()
  expectTypeOf(grad((x: Tensor) => (x.size > 1 ? x : 0))(x)).toEqualTypeOf<Tensor>()
  // @ts-expect-error without hasAux the function returns a scalar
  grad(withAux)
  // @ts-expect-error with hasAux it returns a pair
  grad((x: Tensor) => x, { hasAux: true })
  // @ts-expect-error a string is no loss
  grad((_: Tensor) => 'x')
})

test('vjp types the pullback by the output', () => {
  const f = (x: Tensor, n: number): { y: Tensor; n: number } => ({ y: x, n })
  const [out, back] = vjp(f, [x, 1])
  expectTypeOf(out).toEqualTypeOf<{ y: Tensor; n: number }>()
  expectTypeOf(back).toEqualTypeOf<Pullback<{ y: Tensor; n: number }>>()
  // @ts-expect-error the cotangent has the structure of the output
  back(x)
  // @ts-expect-error one value per parameter
  vjp(f, [x])
  const [o, , aux] = vjp((x: Tensor) => [x, 'aux'] as const, [x], { hasAux: true })
  expectTypeOf(o).toEqualTypeOf<Tensor>()
  expectTypeOf(aux).toEqualTypeOf<'aux'>()
})
