import { jvp, linearize } from '@linum/autodiff'
import type { Tensor } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const x: Tensor
interface Params {
  readonly a: Tensor
  readonly b: null
}
declare const params: Params
declare const f: (p: Params, x: Tensor) => { y: Tensor }

test('the derivative has the type of the value', () => {
  const [out, dot] = jvp(f, [params, x], [params, x])
  expectTypeOf(out).toEqualTypeOf<{ y: Tensor }>()
  expectTypeOf(dot).toEqualTypeOf<{ y: Tensor }>()
  expectTypeOf(jvp((x: Tensor) => [x, 'aux'] as const, [x], [x], { hasAux: true })).toEqualTypeOf<
    readonly [Tensor, Tensor, 'aux']
  >()
  // @ts-expect-error one primal per parameter
  jvp(f, [params], [params, x])
  // @ts-expect-error one tangent per primal
  jvp(f, [params, x], [params])
  // @ts-expect-error a tangent has the structure of its primal
  jvp(f, [params, x], [x, x])
})

test('a linear function takes tangents as the function takes arguments', () => {
  const [out, linear] = linearize(f, [params, x])
  expectTypeOf(out).toEqualTypeOf<{ y: Tensor }>()
  expectTypeOf(linear).parameters.toEqualTypeOf<[p: Params, x: Tensor]>()
  expectTypeOf(linear(params, x)).toEqualTypeOf<{ y: Tensor }>()
  // @ts-expect-error a tangent is missing
  linear(params)
})
