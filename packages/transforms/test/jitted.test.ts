import { Module, type Param, Rngs } from '@linum/graph'
import { array, ones, type Tensor, type TensorLike, zeros } from '@linum/tensor'
import { jit, jitPartial, jitted, lower, traceCount, valueAndGrad } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { counter, Foo, Linear, Net, numbers, param, thrown } from './models.js'

/** What `@jitted(options)` before a method does when the class is defined. */
const decorate = <C extends abstract new (...args: never[]) => object>(
  type: C,
  name: string,
  decorator: (method: never, context: never) => unknown,
): C => {
  const prototype = type.prototype as Record<string, unknown>
  prototype[name] = decorator(prototype[name] as never, { kind: 'method', name } as never)
  return type
}

describe('a jitted method', () => {
  class Block extends Module {
    layer: Linear
    calls = counter()
    constructor(din: number) {
      super()
      this.layer = new Linear(din, 1)
    }
    forward(x: Tensor): Tensor {
      this.calls.update((n) => n.add(1))
      return this.layer.forward(x)
    }
    scaled(x: Tensor, mode: string, factor: number): Tensor {
      return mode === 'up' ? x.mul(factor) : x.div(factor)
    }
  }
  decorate(Block, 'forward', jitted())
  decorate(Block, 'scaled', jitted({ staticArgnums: [2] }))

  it('updates the object that it is called on; objects of one structure share a trace', () => {
    const [a, b, c] = [new Block(2), new Block(2), new Block(3)]
    expect(a.forward(ones([1, 2])).toArray()).toEqual([[2]])
    a.forward(ones([1, 2]))
    b.forward(ones([1, 2]))
    expect([numbers(a.calls), numbers(b.calls), traceCount(a.forward)]).toEqual([2, 1, 1])
    c.forward(ones([1, 3]))
    expect([traceCount(a.forward), a.forward.name]).toEqual([2, 'forward'])
  })

  it('counts static arguments from its own first parameter', () => {
    const block = new Block(1)
    expect(block.scaled(array([6]), 'up', 2).toArray()).toEqual([12])
    expect(block.scaled(array([6]), 'down', 3).toArray()).toEqual([2])
    expect(block.scaled(array([5]), 'up', 2).toArray()).toEqual([10])
    expect(traceCount(block.scaled)).toBe(2)
  })

  it('is a part of other transforms', () => {
    const block = new Block(2)
    const [value] = valueAndGrad((m: Block) => m.forward(ones([1, 2])).sum())(block)
    expect([value.item(), numbers(block.calls)]).toEqual([2, 1])
  })
})

describe('jitPartial', () => {
  const step = (net: Net, x: Tensor, rate: TensorLike): Tensor => {
    const [value, grads] = valueAndGrad((net: Net) => net.forward(x).square().mean())(net)
    net.first.w.update((w) => w.sub(grads.first.w.mul(rate)))
    return value
  }

  it('does what jit does, to the objects given beforehand', () => {
    const [one, two] = [new Net({ rngs: new Rngs(0) }), new Net({ rngs: new Rngs(0) })]
    const [full, partial] = [jit(step), jitPartial(step, [two])]
    for (let i = 0; i < 3; i++) expect(partial(ones([2, 3]), 0.1).item()).toBe(full(one, ones([2, 3]), 0.1).item())
    expect(numbers(two.first.w)).toEqual(numbers(one.first.w))
    expect([numbers(two.calls), traceCount(partial)]).toEqual([3, 1])
    partial(ones([4, 3]), 0.1)
    expect([traceCount(partial), lower(partial, ones([4, 3]), 0.1).outputs.length > 1]).toEqual([2, true])
  })

  it('reads what was written outside, also of another type', () => {
    const m = new Foo({ a: param(1) })
    const f = jitPartial((m: Foo, x: Tensor) => (m.a as Param).mul(x), [m])
    expect(f(array(2)).item()).toBe(2)
    ;(m.a as Param).value = array(5)
    expect(f(array(2)).item()).toBe(10)
    ;(m.a as Param).value = zeros([2])
    expect([f(array(2)).shape, traceCount(f)]).toEqual([[2], 2])
  })

  it('static arguments count all parameters; results may hold the objects', () => {
    const m = new Foo({ a: param(1) })
    const f = jitPartial((m: Foo, mode: string, k: number) => [m, mode, (m.a as Param).mul(k)] as const, [m], {
      staticArgnums: [2],
    })
    const [same, mode, value] = f('x', 3)
    expect([same === m, mode, value.item(), f('x', 4)[2].item(), traceCount(f)]).toEqual([true, 'x', 3, 4, 2])
  })

  it('refuses edits of the structure, and modules among the later arguments', () => {
    const m = new Foo({ a: param(1) })
    expect(
      thrown(() =>
        jitPartial(
          (m: Foo) => {
            m.b = 1
          },
          [m],
        )(),
      ),
    ).toMatch(/^GraphError: jitPartial\(anonymous\): the function changed the structure or a static attribute/)
    expect(Object.keys(m)).toEqual(['a'])
    expect(thrown(() => jitPartial((_: Foo, n: Foo) => n, [m])(new Foo()))).toBe(
      'GraphError: jitPartial(anonymous): argument 1 holds a Foo; modules and Variables are only among the arguments given beforehand, here or with jit',
    )
  })
})
