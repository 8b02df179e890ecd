import { fc, test } from '@fast-check/vitest'
import { clone, Module, Param, split, state, Variable } from '@linum/graph'
import { array, scope, Tensor } from '@linum/tensor'
import { jit } from '@linum/transforms'
import { describe, expect } from 'vitest'

class Net extends Module {
  readonly w = new Param(array([1, 2, 3]))
  readonly b = new Param(array([0.5]))
}

const step = jit((net: Net) => {
  net.w.value = net.w.mul(0.5).add(1)
  net.b.value = net.b.add(net.w.value.sum())
})

const bufferOf = (v: Variable<Tensor>): unknown => v.stored.cell('test').buffer

describe('values of Variables that nothing else has', () => {
  test('are written over by the next step', () => {
    const net = new Net()
    step(net)
    const buffers = [net.w, net.b].map(bufferOf)
    for (let i = 0; i < 3; i++) step(net)
    expect([net.w, net.b].map(bufferOf)).toEqual(buffers)
    expect(net.w.toArray()).toEqual([1.9375, 2, 2.0625])
  })

  test('stay after a step that throws', () => {
    const net = new Net()
    const failing = jit((n: Net) => {
      n.w.value = n.w.add(1)
      if (n.w.ndim === 1) throw new Error('no')
    })
    step(net)
    expect(() => failing(net)).toThrow('no')
    expect(net.w.toArray()).toEqual([1.5, 2, 2.5])
  })
})

/** Ways to get hold of a value without copying it; each gives what it holds. */
const ways: Readonly<Record<string, (net: Net) => () => unknown>> = {
  value: (net) => {
    const kept = net.w.value
    return () => kept.toArray()
  },
  get: (net) => {
    const kept = net.w.get()
    return () => kept.toArray()
  },
  raw: (net) => {
    const kept = net.w.raw
    return () => kept.toArray()
  },
  'an operation that shares memory': (net) => {
    const kept = net.w.reshape([3, 1])
    return () => kept.reshape([3]).toArray()
  },
  asTensor: (net) => {
    const kept = net.w.asTensor()
    return () => kept.toArray()
  },
  split: (net) => {
    const [, kept] = split(net)
    return () => (kept as unknown as { readonly w: { readonly value: Tensor } }).w.value.toArray()
  },
  state: (net) => {
    const kept = state(net)
    return () => (kept as unknown as { readonly w: { readonly value: Tensor } }).w.value.toArray()
  },
  clone: (net) => {
    const kept = clone(net)
    return () => kept.w.toArray()
  },
  'a copy of the Variable': (net) => {
    const kept = net.w.copy()
    return () => kept.toArray()
  },
  copyFrom: (net) => {
    const kept = new Param(array([0, 0, 0]))
    kept.copyFrom(net.w)
    return () => kept.toArray()
  },
  'a second Variable': (net) => {
    const kept = new Variable(net.w.value)
    return () => kept.toArray()
  },
  'a captured constant': (net) => {
    const kept = jit((x: Tensor) => x.add(net.w))
    const before = kept(array([0, 0, 0])).toArray()
    return () => before
  },
  'a result of the step': (net) => {
    const kept = jit((n: Net) => {
      n.w.value = n.w.add(0)
      return n.w.value
    })(net)
    return () => kept.toArray()
  },
  'an old value that a step returns': (net) => {
    const kept = jit((n: Net) => {
      const old = n.w.value
      n.w.value = old.add(0)
      return old
    })(net)
    return () => kept.toArray()
  },
  'a scope': (net) => {
    const kept = scope(() => net.w.value)
    return () => kept.toArray()
  },
  toState: (net) => {
    const kept = net.w.toState()
    return () => kept.value.toArray()
  },
}

describe('a value that was kept is still right after 1000 steps', () => {
  test.each(Object.keys(ways))('through %s', (name) => {
    const net = new Net()
    for (let i = 0; i < 3; i++) step(net)
    const read = ways[name]!(net)
    const then = read()
    for (let i = 0; i < 1000; i++) step(net)
    expect(read()).toEqual(then)
    expect(net.w.toArray()).toEqual([2, 2, 2])
  })

  test.prop(
    [
      fc.array(fc.constantFrom(...Object.keys(ways)), { maxLength: 6 }),
      fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
    ],
    {
      numRuns: 50,
    },
  )('through several at different times', (names, pauses) => {
    const net = new Net()
    const kept = names.map((name, i) => {
      for (let k = 0; k < pauses[i]!; k++) step(net)
      const read = ways[name]!(net)
      return { read, then: read() }
    })
    for (let i = 0; i < 5; i++) step(net)
    for (const { read, then } of kept) expect(read()).toEqual(then)
  })
})
