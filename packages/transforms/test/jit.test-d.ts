import type { Program, Tensor, TensorLike } from '@linum/tensor'
import type { Rngs } from '@linum/graph'
import { jit, lower, traceCount } from '@linum/transforms'
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
  expectTypeOf(traceCount(f)).toEqualTypeOf<number>()
  expectTypeOf(lower(f, x)).toEqualTypeOf<Program>()
  // @ts-expect-error lower takes the arguments of the function
  lower(f)
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

test('a generic function stays generic', () => {
  const same = jit(<T>(x: T): T => x)
  expectTypeOf(same).toExtend<<T>(x: T) => T>()
  expectTypeOf(same(x)).toEqualTypeOf<Tensor>()
  const pair = jit(<M extends Net, T>(net: M, x: T) => [net, x] as const)
  expectTypeOf(pair(net, [x])).toEqualTypeOf<readonly [Net, Tensor[]]>()
  // @ts-expect-error no Net
  pair(x, x)
  expectTypeOf(jit(<T>(mode: T, _: Tensor) => ({ mode }), { staticArgnums: [0] })('a', x)).toEqualTypeOf<{
    mode: string
  }>()
  expectTypeOf(jit(jit(<T>(x: T): T => x))(x)).toEqualTypeOf<Tensor>()
  // @ts-expect-error a number beside a type parameter that has a bound
  jit(<T extends Tensor>(x: T, n: number) => x.mul(n))
})

test('anything may be returned', () => {
  expectTypeOf(jit((rngs: Rngs) => [rngs.key(), 1, 'a', null] as const)({} as Rngs)).toEqualTypeOf<
    readonly [Tensor, 1, 'a', null]
  >()
  expectTypeOf(jit(() => undefined)()).toEqualTypeOf<undefined>()
})
