import { rest } from '@linum/filters'
import { Param } from '@linum/graph'
import type { Tensor, TensorLike } from '@linum/tensor'
import { type Axis, Carry, scan, type ScanOptions, StateAxes } from '@linum/transforms'
import { expectTypeOf, test } from 'vitest'
import type { Linear } from './models.js'

interface Wide extends Linear {
  readonly wide: true
}
declare const f: (m: Linear, x: Tensor) => Tensor

test('the loop has the type of its body', () => {
  expectTypeOf(scan(f, { inAxes: [0, Carry], outAxes: Carry })).toEqualTypeOf<(m: Linear, x: Tensor) => Tensor>()
  expectTypeOf(scan((c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [c, x])).returns.toEqualTypeOf<
    readonly [Tensor, Tensor]
  >()
})

test('there is one axis per argument', () => {
  // @ts-expect-error two arguments
  scan(f, { inAxes: [0], outAxes: 0 })
  // @ts-expect-error two arguments
  scan(f, { inAxes: [0, null, 0], outAxes: 0 })
  scan(f, { inAxes: 0, outAxes: 0 })
  scan(f, { inAxes: [{ w: 0, b: null }, 0], outAxes: 0 })
  // @ts-expect-error by default there are a carry and slices
  scan((x: Tensor) => x)
  scan((x: Tensor) => x, { inAxes: Carry, outAxes: Carry })
})

test('a carry keeps its type', () => {
  // @ts-expect-error a Tensor comes in, a tuple goes out
  scan((c: Tensor, x: Tensor) => [[c, x], x] as const)
  // @ts-expect-error a Tensor comes in, a Linear goes out
  scan((m: Linear, _: Tensor) => m, { inAxes: [0, Carry], outAxes: Carry })
  // @ts-expect-error the carry is the second item
  scan((c: Tensor, x: Linear): readonly [Linear, Tensor] => [x, c], { outAxes: [Carry, 0] })
  scan((c: Tensor, x: Linear): readonly [Linear, Tensor] => [x, c], { inAxes: [Carry, 0], outAxes: [0, Carry] })
  // @ts-expect-error the result has no carry
  scan(f, { inAxes: [0, Carry], outAxes: 0 })
  // @ts-expect-error nothing came in as the carry
  scan(f, { inAxes: [0, null], outAxes: Carry })
  // @ts-expect-error a result cannot be left without an axis
  scan(f, { inAxes: [0, null], outAxes: null })
  scan((c: TensorLike, x: Tensor): readonly [Tensor, Tensor] => [x, x.add(c)])
})

test('a result whose length is not known is checked at run time', () => {
  expectTypeOf(scan((c: Tensor, x: Tensor) => [c, x])).returns.toEqualTypeOf<Tensor[]>()
  scan((..._: Tensor[]) => [{} as Tensor, 1] as const)
})

test('a number that is returned becomes a Tensor', () => {
  scan((_: Tensor, x: Tensor) => [0, x] as const)
  // @ts-expect-error so it would not be a number the second time
  scan((n: number, x: Tensor) => [n, x] as const)
})

test('a generic body stays generic', () => {
  const each = scan(<M extends Linear>(m: M, x: Tensor): readonly [M, Tensor] => [m, x])
  expectTypeOf(each({} as Wide, {} as Tensor)).toEqualTypeOf<readonly [Wide, Tensor]>()
})

test('axes that are computed are checked at run time', () => {
  const options: ScanOptions = { inAxes: [0, Carry] as readonly (0 | typeof Carry)[], outAxes: Carry }
  expectTypeOf(scan(f, options)).toEqualTypeOf<(m: Linear, x: Tensor) => Tensor>()
})

test('the carry is a symbol of its own and an axis like the others', () => {
  expectTypeOf<typeof Carry>().toExtend<symbol>()
  expectTypeOf<typeof Carry>().toExtend<Axis>()
  expectTypeOf(
    new StateAxes([
      [Param, 0],
      [rest, Carry],
    ]),
  ).toExtend<StateAxes>()
  // @ts-expect-error another symbol is no axis
  scan(f, { inAxes: [0, Symbol('Carry')] })
  // @ts-expect-error a length is a number
  scan(f, { length: '3' })
})
