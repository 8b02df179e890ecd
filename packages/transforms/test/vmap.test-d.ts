import { rest } from '@linum/filters'
import { Param } from '@linum/graph'
import type { Tensor } from '@linum/tensor'
import { Carry, StateAxes, vmap } from '@linum/transforms'
import { expectTypeOf, test } from 'vitest'
import type { Linear } from './models.js'

declare const f: (m: Linear, x: Tensor) => Tensor

test('the mapped function has the type of the function', () => {
  expectTypeOf(vmap(f)).toEqualTypeOf<(m: Linear, x: Tensor) => Tensor>()
  expectTypeOf(
    vmap(f, {
      inAxes: [
        new StateAxes([
          [Param, 0],
          [rest, null],
        ]),
        null,
      ],
    }),
  ).toEqualTypeOf<(m: Linear, x: Tensor) => Tensor>()
})

test('there is one axis per argument, and none is the carry', () => {
  vmap(f, { inAxes: [0, { x: [0, null] }] })
  // @ts-expect-error two arguments
  vmap(f, { inAxes: [0] })
  // @ts-expect-error the carry is for scan
  vmap(f, { inAxes: [0, Carry] })
  // @ts-expect-error an axis is a number
  vmap(f, { inAxes: ['0', 0] })
})

test('a generic function stays generic', () => {
  const both = vmap(<M extends Linear>(m: M, x: Tensor) => [m, x] as const, { inAxes: [null, 0], outAxes: [null, 0] })
  expectTypeOf(both({} as Linear & { readonly wide: true }, {} as Tensor)[0].wide).toEqualTypeOf<true>()
  // @ts-expect-error not a Linear
  both({} as Tensor, {} as Tensor)
})
