import { rest } from '@linum/filters'
import { Param } from '@linum/graph'
import type { Tensor } from '@linum/tensor'
import { type Axis, Carry, scan, StateAxes } from '@linum/transforms'
import { expectTypeOf, test } from 'vitest'
import type { Linear } from './models.js'

declare const f: (m: Linear, x: Tensor) => Tensor

test('the loop has the type of its body', () => {
  expectTypeOf(scan(f, { inAxes: [0, Carry], outAxes: Carry })).toEqualTypeOf<(m: Linear, x: Tensor) => Tensor>()
  expectTypeOf(scan((c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [c, x])).returns.toEqualTypeOf<
    readonly [Tensor, Tensor]
  >()
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
