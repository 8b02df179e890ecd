import {
  checkpoint,
  type CheckpointPolicy,
  checkpointPolicies,
  customJvp,
  customVjp,
  psum,
  ravelTree,
} from '@linum/autodiff'
import type { Tensor } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const x: Tensor
declare const f: (x: Tensor, n: { k: number }) => { y: Tensor }

test('a checkpointed function has the type of the function', () => {
  expectTypeOf(checkpoint(f)).toEqualTypeOf<(x: Tensor, n: { k: number }) => { y: Tensor }>()
  expectTypeOf(checkpointPolicies.saveOnlyTheseNames('a')).toEqualTypeOf<CheckpointPolicy>()
  checkpoint(f, { policy: checkpointPolicies.dotsSaveable })
  // @ts-expect-error policies are data
  checkpoint(f, { policy: () => true })
})

test('a function with a reverse rule has the type of the function, and its rule that of its parts', () => {
  const own = customVjp(
    f,
    (x, n) => [{ y: x }, [x, n.k] as const] as const,
    (n, [kept, k], ct) => {
      expectTypeOf(n).toEqualTypeOf<{ k: number }>()
      expectTypeOf(kept).toEqualTypeOf<Tensor>()
      expectTypeOf(k).toEqualTypeOf<number>()
      expectTypeOf(ct).toEqualTypeOf<{ y: Tensor }>()
      return [ct.y]
    },
    { nondiffArgnums: [1] },
  )
  expectTypeOf(own).toEqualTypeOf<(x: Tensor, n: { k: number }) => { y: Tensor }>()
  const bwd = (_: null, ct: { y: Tensor }): readonly unknown[] => [ct.y, null]
  const fwd = (x: Tensor, _: { k: number }): readonly [{ y: Tensor }, null] => [{ y: x }, null]
  customVjp(f, fwd, bwd)
  // @ts-expect-error fwd returns a pair
  customVjp(f, f, bwd)
  // @ts-expect-error there is no third argument
  customVjp(f, fwd, bwd, { nondiffArgnums: [2] })
})

test('a rule gets primals and tangents of the arguments', () => {
  const g = (x: Tensor, y: Tensor): Tensor => x.add(y)
  const own = customJvp(g, ([x, y], [s, t]) => [x.add(y), s.add(t)] as const)
  expectTypeOf(own).toEqualTypeOf<(x: Tensor, y: Tensor) => Tensor>()
  // @ts-expect-error a pair of output and tangent
  customJvp(g, ([x]) => x)
})

test('trees keep their type', () => {
  expectTypeOf(psum({ a: x, b: [x] as const }, 'i')).toEqualTypeOf<{ a: Tensor; b: readonly [Tensor] }>()
  expectTypeOf(ravelTree({ a: x })).toEqualTypeOf<readonly [Tensor, (vector: Tensor) => { a: Tensor }]>()
})
