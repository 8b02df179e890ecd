import { array, exp, jit, makeProgram, matmul, ones, printProgram, random, sin, type Tensor } from '@linum/tensor'
import { bind, makeSchedule, programKey } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'

const barrier = (...xs: readonly Tensor[]): readonly Tensor[] => bind('optimization_barrier', xs, null)

describe('optimization_barrier', () => {
  it('gives its operands as they are, compiled or not', () => {
    const [x, n, key] = [array([1, NaN, -0]), array([3], { dtype: 'int32' }), random.key(1)]
    for (const pass of [barrier, jit(barrier)]) {
      const [a, b, c] = pass(x, n, key)
      expect([a!.toArray(), b!.toArray(), c!.dtype]).toEqual([[1, NaN, -0], [3], 'key'])
      expect(random.keyData(c!).toArray()).toEqual(random.keyData(key).toArray())
    }
  })

  it('stores what is computed before it, and shares nothing with what is computed behind it', () => {
    const kernels = (f: (x: Tensor) => unknown): number => makeSchedule(makeProgram(f)(ones([4]))).steps.length
    expect(kernels((x) => exp(sin(x)))).toBe(1)
    expect(kernels((x) => exp(barrier(sin(x))[0]!))).toBe(2)
    expect(kernels((x) => [sin(x).sum(), sin(x).sum()])).toBe(1)
    expect(kernels((x) => [sin(x).sum(), sin(barrier(x)[0]!).sum()])).toBe(2)
  })

  it('comes after all of its operands, whichever result is used', () => {
    const f = (x: Tensor, y: Tensor): Tensor => barrier(x, matmul(y, y))[0]!.exp()
    const { steps } = makeSchedule(makeProgram(f)(ones([2]), ones([2, 2])))
    expect(steps.map((s) => s.kind)).toEqual(['routine', 'kernel'])
  })

  it('holds literals and prints', () => {
    expect(jit((x: Tensor) => barrier(x, array(2))[1]!.mul(x))(array([3])).toArray()).toEqual([6])
    expect(printProgram(makeProgram((x: Tensor) => barrier(x, x))(ones([2])))).toContain(
      'b:f32[2] c:f32[2] = optimization_barrier a a',
    )
  })
})

it('a checkpointed program is compiled as the program itself', () => {
  const program = makeProgram((x: Tensor) => sin(x))(ones([2]))
  const call = (primitive: 'jit' | 'checkpoint'): ((x: Tensor) => readonly Tensor[]) =>
    primitive === 'jit'
      ? (x) => bind('jit', [x], { program, name: 'f' })
      : (x) => bind('checkpoint', [x], { program, name: 'g', policy: { save: 'nothing' } })
  const schedules = (['jit', 'checkpoint'] as const).map((p) => makeSchedule(makeProgram(call(p))(ones([2]))))
  expect(schedules[1]).toEqual(schedules[0])
  const keys = ['f', 'h'].map((name) =>
    programKey(makeProgram((x: Tensor) => bind('jit', [x], { program, name }))(ones([2]))),
  )
  expect(keys[0]).toBe(keys[1])
})
