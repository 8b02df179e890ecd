import { cachedPartial, Module, Param } from '@linum/graph'
import { array, type Tensor, traceCount } from '@linum/tensor'
import { jit } from '@linum/transforms'
import { expect, test } from 'vitest'

class Counter extends Module {
  n = new Param(array(0))
  note: string | undefined
}

test('a compiled function over cached nodes updates the original Variables and traces once', () => {
  const counter = new Counter()
  const step = jit((m: Counter, by: Tensor) => {
    m.n.update((n) => n.add(by))
    return m.n.mul(10)
  })
  const cached = cachedPartial(step, counter)
  expect([1, 2, 3].map((by) => cached(array(by)).item())).toEqual([10, 30, 60])
  expect(counter.n.item()).toBe(6)
  expect(traceCount(step)).toBe(1)
})

test('an edit of the structure inside is refused, though nothing is walked between calls', () => {
  const edit = jit((m: Counter) => {
    m.note = 'new'
    return m.n.add(0)
  })
  const cached = cachedPartial(edit, new Counter())
  expect(() => cached()).toThrow(/The graph structure of a node added to cachedPartial was mutated/)
})
