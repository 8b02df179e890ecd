import { fc, test } from '@fast-check/vitest'
import { jit, ones, type Tensor } from '@linum/tensor'
import { makeSchedule, type Schedule, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { dtypeBytes } from '../src/core/dtype.js'
import { readsInPlace } from '../src/kernel/in-place.js'
import { planMemory } from '../src/program/plan.js'
import type { Slot, Step } from '../src/program/schedule.js'
import { inputsOf, randomProgram, runProgram } from './random-program.js'

const bytesOf = (s: Slot): number => s.length * dtypeBytes(s.dtype)

/** Pairs of temporaries that hold values at the same time in the same place; places outside the workspace. */
const conflicts = ({ slots, steps, workspaceBytes }: Schedule): string[] => {
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  steps.forEach((step, i) => {
    for (const id of step.outputs) if (!first.has(id)) first.set(id, i)
    for (const id of [...step.inputs, ...step.outputs]) last.set(id, i)
  })
  const temporaries = slots.flatMap((s, id) => (s.kind === 'temporary' && first.has(id) ? [id] : []))
  /** Whether a step writes `next` over `old`, element by element, and nothing reads `old` later. */
  const replaces = (old: number, next: number): boolean => {
    const step = steps[first.get(next)!]!
    return (
      step.kind === 'kernel' &&
      last.get(old) === first.get(next) &&
      step.inputs.every((id, k) => id !== old || readsInPlace(step.kernel)[k] === true)
    )
  }
  const found: string[] = []
  for (const a of temporaries) {
    const [s, end] = [slots[a]!, slots[a]!.offset + bytesOf(slots[a]!)]
    if (s.offset < 0 || end > workspaceBytes || s.offset % 4 !== 0) found.push(`${a} at ${s.offset}`)
    for (const b of temporaries) {
      if (b <= a) continue
      const together =
        first.get(a)! <= last.get(b)! && first.get(b)! <= last.get(a)! && !replaces(a, b) && !replaces(b, a)
      const t = slots[b]!
      if (together && s.offset < t.offset + bytesOf(t) && t.offset < end) found.push(`${a} and ${b}`)
    }
  }
  return found
}

const scheduleOf = (f: (...xs: Tensor[]) => readonly Tensor[], ...xs: Tensor[]): Schedule =>
  makeSchedule(
    traceProgram(
      'test',
      xs.map((x) => x.aval),
      (args) => f(...args),
    ).program,
  )

describe('the memory plan', () => {
  test.prop([randomProgram('anything', 20)], { numRuns: 200 })(
    'gives no two live temporaries of a program the same bytes',
    (program) => {
      expect(conflicts(scheduleOf((...xs) => runProgram(program, xs), ...inputsOf(program)))).toEqual([])
    },
  )

  const step = fc.record({
    reads: fc.array(fc.nat(30), { maxLength: 3 }),
    writes: fc.array(fc.tuple(fc.nat(40), fc.constantFrom('float32' as const, 'bool' as const)), {
      minLength: 1,
      maxLength: 2,
    }),
  })
  test.prop([fc.array(step, { minLength: 1, maxLength: 25 })], { numRuns: 300 })(
    'nor those of any order of steps, however long they live',
    (plan) => {
      const slots: Slot[] = [{ kind: 'input', dtype: 'float32', length: 4, offset: 0, value: 0 }]
      const steps = plan.map(({ reads, writes }): Step => {
        const inputs = reads.map((r) => r % slots.length)
        const outputs = writes.map(
          ([length, dtype]) => slots.push({ kind: 'temporary', dtype, length, offset: 0, value: 0 }) - 1,
        )
        return {
          kind: 'routine',
          routine: { name: 'cumsum', outer: 1, length: 1, inner: 1, reverse: false },
          inputs,
          outputs,
        }
      })
      const planned = planMemory({ slots, inputs: [0], outputs: [], steps, workspaceBytes: 0 }, dtypeBytes)
      expect(conflicts(planned)).toEqual([])
      const sum = slots.reduce((n, s) => n + (s.kind === 'temporary' ? Math.ceil(bytesOf(s) / 16) * 16 : 0), 0)
      expect(planned.workspaceBytes).toBeLessThanOrEqual(sum)
    },
  )

  test('finds an overlap where there is one', () => {
    const slot = (offset: number): Slot => ({ kind: 'temporary', dtype: 'float32', length: 4, offset, value: 0 })
    const routine = { name: 'cumsum', outer: 1, length: 4, inner: 1, reverse: false } as const
    const steps: Step[] = [
      [[], [0]],
      [[], [1]],
      [[0, 1], [2]],
    ].map(([inputs, outputs]) => ({ kind: 'routine', routine, dtype: 'float32', inputs: inputs!, outputs: outputs! }))
    expect(
      conflicts({ slots: [slot(0), slot(12), slot(32)], inputs: [], outputs: [], steps, workspaceBytes: 48 }),
    ).toEqual(['0 and 1'])
  })

  test('uses memory again: a long chain needs room for two', () => {
    const chain = scheduleOf((x) => [Array.from({ length: 20 }).reduce<Tensor>((y) => y.matmul(x), x)], ones([8, 8]))
    expect(chain.steps).toHaveLength(20)
    expect(chain.workspaceBytes).toBe(2 * 8 * 8 * 4)
  })

  test('needs none for results, inputs and what is never stored', () => {
    expect(scheduleOf((x) => [x.mul(2).exp().sum(), x.T], ones([8, 8])).workspaceBytes).toBe(0)
  })

  test('does not mix up two calls of one compiled function', () => {
    const f = jit((x: Tensor) => x.matmul(x).matmul(x))
    const [a, b] = [f(ones([3, 3])), f(ones([3, 3]).mul(2))]
    expect([a.toArray(), b.toArray()]).toEqual([
      [
        [9, 9, 9],
        [9, 9, 9],
        [9, 9, 9],
      ],
      [
        [72, 72, 72],
        [72, 72, 72],
        [72, 72, 72],
      ],
    ])
  })

  test('writes a value over an operand that is read at the same place for the last time', () => {
    const big = ones([4096])
    // Each product is stored, since a sum over all of it and the next product read it.
    const { workspaceBytes } = scheduleOf((x) => {
      const a = x.exp()
      const b = a.mul(a.sum())
      const c = b.mul(b.sum())
      return [c.mul(c.sum()).sum()]
    }, big)
    expect(workspaceBytes).toBeLessThan(2 * 4096 * 4)
    const f = (x: Tensor): Tensor => {
      const a = x.sin()
      const b = a.mul(a.sum())
      return b.sub(b.max()).sum()
    }
    expect(jit(f)(big).item()).toBe(f(big).item())
  })

  test('does not where another place of the operand is still to be read', () => {
    const f = (x: Tensor): Tensor => {
      const a = x.sin()
      const b = a.mul(a.sum()).flip()
      return b.sub(b.max())
    }
    const x = ones([64]).cumsum()
    expect(jit(f)(x).toArray()).toEqual(f(x).toArray())
  })
})
