import type { Program, Tensor, TensorLike } from '@linum/tensor'
import type { Rngs } from '@linum/graph'
import { jit, type Jitted } from '@linum/transforms'
import { expectTypeOf, test } from 'vitest'
import { Linear, Net } from './models.js'

declare const net: Net
declare const x: Tensor

test('a jitted function has the type of the function', () => {
  const step = jit((net: Net, x: Tensor, rate?: TensorLike) => ({ loss: net.forward(x).mean(), net, rate }))
  expectTypeOf(step).parameters.toEqualTypeOf<[net: Net, x: Tensor, rate?: TensorLike | undefined]>()
  const out = step(net, x, 0.1)
  expectTypeOf(out.loss).toEqualTypeOf<Tensor>()
  expectTypeOf(out.net).toEqualTypeOf<Net>()
  // @ts-expect-error an argument is missing
  step(net)
  // @ts-expect-error wrong class
  step(new Linear(1, 1), x)
})

test('what a jitted function tells', () => {
  const f = jit((x: Tensor) => x)
  expectTypeOf(f).toExtend<Jitted<[Tensor], Tensor>>()
  expectTypeOf(f.traceCount).toEqualTypeOf<number>()
  expectTypeOf(f.lower(x)).toEqualTypeOf<Program>()
  // @ts-expect-error lower takes the arguments of the function
  f.lower()
})

test('a parameter that is a number would get a Tensor, so it is static or TensorLike', () => {
  // @ts-expect-error declare it TensorLike or list it in staticArgnums
  jit((x: Tensor, n: number) => x.mul(n))
  const f = jit((x: Tensor, n: number) => x.mul(n), { staticArgnums: [1] })
  expectTypeOf(f(x, 2)).toEqualTypeOf<Tensor>()
  // @ts-expect-error the first is listed, the second is not
  jit((n: number, k: number, x: Tensor) => x.mul(n + k), { staticArgnums: [0] })
  expectTypeOf(jit((x: Tensor, n: TensorLike) => x.mul(n))(x, 2)).toEqualTypeOf<Tensor>()
})

test('anything may be returned', () => {
  expectTypeOf(jit((rngs: Rngs) => [rngs.key(), 1, 'a', null] as const)({} as Rngs)).toEqualTypeOf<
    readonly [Tensor, 1, 'a', null]
  >()
  expectTypeOf(jit(() => undefined)()).toEqualTypeOf<undefined>()
})
