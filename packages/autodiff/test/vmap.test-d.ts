import { type Axes, vmap, type VmapOptions } from '@linum/autodiff'
import type { Tensor } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

interface Params {
  readonly w: Tensor
  readonly b: readonly [Tensor, null]
}
declare const params: Params
declare const x: Tensor
declare const f: (params: Params, x: Tensor, name?: string) => { y: Tensor }

test('a batched function has the type of the one for an entry', () => {
  expectTypeOf(vmap(f)).toEqualTypeOf<(params: Params, x: Tensor, name?: string) => { y: Tensor }>()
  expectTypeOf(vmap(vmap(f))(params, x)).toEqualTypeOf<{ y: Tensor }>()
  // @ts-expect-error an argument is missing
  vmap(f)(params)
})

test('axes are one for all, or one entry per argument', () => {
  const g = (a: Tensor, b: Tensor): Tensor => a.add(b)
  expectTypeOf(vmap(g, { inAxes: [0, null], outAxes: -1 })).toEqualTypeOf<(a: Tensor, b: Tensor) => Tensor>()
  vmap(g, { inAxes: 1, outAxes: null, axisSize: 3 })
  vmap(f, { inAxes: [{ w: 0, b: [null, null] }, 1, null], outAxes: { y: 1 } })
  const axes: Axes = { w: [0, null], b: -1 }
  const options: VmapOptions<[Tensor, Tensor]> = { inAxes: [axes, null] }
  expectTypeOf(vmap(g, options)(x, x)).toEqualTypeOf<Tensor>()
  // @ts-expect-error one entry too few
  vmap(g, { inAxes: [0] })
  // @ts-expect-error one entry too many
  vmap(g, { inAxes: [0, 0, 0] })
  // @ts-expect-error an axis is a number
  vmap(g, { inAxes: ['0', 0] })
  // @ts-expect-error an extent is a number
  vmap(g, { axisSize: '3' })
})
