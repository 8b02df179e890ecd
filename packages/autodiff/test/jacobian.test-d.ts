import { hessian, jacfwd, jacrev } from '@linum/autodiff'
import type { Tensor } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const x: Tensor
declare const f: (p: { a: Tensor }, x: Tensor) => Tensor

test('parameters keep their names and types', () => {
  for (const g of [jacfwd(f), jacrev(f, { argnums: 1 }), hessian(f, { argnums: [0, 1] })]) {
    expectTypeOf(g).parameters.toEqualTypeOf<[p: { a: Tensor }, x: Tensor]>()
    expectTypeOf(g({ a: x }, x)).toEqualTypeOf<unknown>()
    // @ts-expect-error an argument is missing
    g({ a: x })
  }
  // @ts-expect-error positions are numbers
  jacfwd(f, { argnums: 'x' })
})
