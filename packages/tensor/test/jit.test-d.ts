import { jit, lower, makeProgram, type Program, type Tensor, type TensorLike, traceCount, tree } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const x: Tensor

test('jit keeps parameters and result', () => {
  const f = jit((a: Tensor, { scale }: { scale: TensorLike }, mode?: 'up' | 'down') => ({
    out: a.mul(scale),
    mode,
    size: 3,
  }))
  expectTypeOf(f).parameter(0).toEqualTypeOf<Tensor>()
  expectTypeOf(f).parameter(1).toEqualTypeOf<{ scale: TensorLike }>()
  expectTypeOf(f).parameter(2).toEqualTypeOf<'up' | 'down' | undefined>()
  expectTypeOf(f(x, { scale: 2 })).toEqualTypeOf<{ out: Tensor; mode: 'up' | 'down' | undefined; size: number }>()
  expectTypeOf(jit((a: Tensor) => a)).toEqualTypeOf<(a: Tensor) => Tensor>()
  expectTypeOf(traceCount(f)).toEqualTypeOf<number>()
  expectTypeOf(lower(f, x, { scale: 1 })).toEqualTypeOf<Program>()
  // @ts-expect-error the second argument is needed
  f(x)
  // @ts-expect-error a mode is one of two
  f(x, { scale: 1 }, 'sideways')
})

test('jit keeps tuples and rest parameters', () => {
  expectTypeOf(jit((...xs: Tensor[]) => xs[0]!)).parameters.toEqualTypeOf<Tensor[]>()
  expectTypeOf(jit((p: readonly [Tensor, Tensor]) => p)([x, x])).toEqualTypeOf<readonly [Tensor, Tensor]>()
})

test('a parameter declared number, which would get a Tensor, must be static', () => {
  // @ts-expect-error a number argument is traced and arrives as a Tensor
  jit((a: Tensor, n: number) => a.mul(n))
  expectTypeOf(jit((a: Tensor, n: number) => a.mul(n), { staticArgnums: [1] })).parameters.toEqualTypeOf<
    [a: Tensor, n: number]
  >()
  expectTypeOf(jit((a: Tensor, n: TensorLike) => a.mul(n))).parameters.toEqualTypeOf<[a: Tensor, n: TensorLike]>()
  // @ts-expect-error the other argument is listed
  jit((n: number, m: number) => n + m, { staticArgnums: [0] })
})

test('a generic function stays generic', () => {
  expectTypeOf(jit(<T>(value: T): T => value)(x)).toEqualTypeOf<Tensor>()
  expectTypeOf(jit(<T extends Tensor>(value: T, _: TensorLike): readonly [T] => [value])(x, 1)).toEqualTypeOf<
    readonly [Tensor]
  >()
})

test('makeProgram takes the parameters of the function', () => {
  expectTypeOf(makeProgram((a: Tensor, b: boolean) => (b ? a : a.neg()))).toEqualTypeOf<
    (a: Tensor, b: boolean) => Program
  >()
})

test('tree.map keeps the structure and changes the leaves', () => {
  const doubled = tree.map((leaf: Tensor) => leaf.size, { w: x, layers: [x, x] as const, none: null })
  expectTypeOf(doubled).toEqualTypeOf<{ w: number; layers: readonly [number, number]; none: null }>()
  expectTypeOf(tree.flatten(doubled)).toEqualTypeOf<[leaves: unknown[], def: tree.TreeDef]>()
})
