import { array, GraphError, ones, type Tensor, TraceError } from '@linum/tensor'
import { withTrace } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import {
  type Attributes,
  capture,
  Intermediate,
  flatState,
  merge,
  Module,
  Param,
  Perturbation,
  pop,
  split,
  state,
  Variable,
  view,
  viewInfo,
  type VariableState,
  withAttributes,
  withUpdates,
} from '@linum/graph'
import { Foo, Linear, numbers } from './models.js'
import { leavesOf } from './reference.js'

class Drop extends Module {
  deterministic = false
  rate = 0.5
}
class Norm extends Module {
  static readonly viewOptions = { useRunningAverage: 'if true, the stored statistics are used' }
  scale = new Param(ones([2]))
  useRunningAverage: boolean | null = null
  setView(attributes: Attributes): string[] {
    if (!('useRunningAverage' in attributes)) return ['useRunningAverage']
    this.useRunningAverage = attributes['useRunningAverage'] as boolean
    return ['useRunningAverage']
  }
}
class Block extends Module {
  drop = new Drop()
  norm = new Norm()
  self: Block | null = null
}

describe('view', () => {
  it('is a new graph with the same Variables and other flags, cycles too', () => {
    const block = new Block()
    block.self = block
    const test = view(block, { deterministic: true, useRunningAverage: true })
    expect([test.drop.deterministic, test.norm.useRunningAverage]).toEqual([true, true])
    expect([block.drop.deterministic, block.norm.useRunningAverage]).toEqual([false, null])
    expect(test.norm.scale).toBe(block.norm.scale)
    expect(test.self).toBe(test)
    expect(test).not.toBe(block)
  })

  it('only for the Modules of a filter', () => {
    const out = view([new Drop(), new Foo({ deterministic: false })] as const, { deterministic: true }, { only: Drop })
    expect(out.map((m) => m.deterministic)).toEqual([true, false])
  })

  it('sets static attributes only, and says which names nobody knows', () => {
    const block = new Block()
    expect(() => view(block, { deterministic: true, nope: 1, scale: 2 })).toThrow(
      new GraphError("Unused keys found in view: ['nope', 'scale']"),
    )
    expect(view(block, { nope: 1 }, { raiseIfNotFound: false }).drop.rate).toBe(0.5)
  })

  it('viewInfo lists what each class takes', () => {
    expect(viewInfo([new Block(), new Drop()])).toBe(
      'Drop:\n  deterministic: boolean = false\nNorm:\n  useRunningAverage: if true, the stored statistics are used',
    )
    expect(viewInfo(new Block(), { only: Drop })).toBe('Drop:\n  deterministic: boolean = false')
  })
})

describe('withAttributes', () => {
  it('sets any attribute in a copy with the same Variables', () => {
    const block = new Block()
    const p = new Param(array(1))
    const out = withAttributes(block, { rate: 0.1, scale: p })
    expect([out.drop.rate, block.drop.rate]).toEqual([0.1, 0.5])
    expect(out.norm.scale).toBe(p)
    expect(() => withAttributes(block, { nope: 1 })).toThrow(GraphError)
    expect(withAttributes(block, { nope: 1 }, { raiseIfNotFound: false })).toBeInstanceOf(Block)
  })
})

describe('Module', () => {
  it('iterates over itself and its children', () => {
    const block = new Block()
    expect([...block.iterModules()].map(([path]) => path.join('/'))).toEqual(['drop', 'norm', ''])
    expect([...block.iterChildren()].map(([key]) => key)).toEqual(['drop', 'norm'])
  })
})

class Net extends Module {
  layer = new Linear(1, 1)
  features(x: Tensor): Tensor {
    this.sow(Intermediate, 'hidden', x)
    return this.layer.forward(x)
  }
  forward(x: Tensor): Tensor {
    return this.perturb('out', this.features(x))
  }
}
const x = ones([1, 1])

describe('sow and perturb', () => {
  it('leave attributes, and a perturbation is added', () => {
    const net = new Net()
    net.forward(x)
    expect(net.sow(Intermediate, 'hidden', net.layer.w)).toBe(true)
    expect(leavesOf(state(net, Intermediate))).toEqual([
      [['hidden'], 'Intermediate', [[[1]], [[1]]]],
      [['out'], 'Perturbation', [[0]]],
    ])
    ;(net as unknown as { out: Perturbation }).out.value = array([[5]])
    expect(numbers(net.forward(x))).toEqual([[6]])
    expect(() => net.sow(Intermediate, 'forward', 1)).toThrow(
      "Expected 'forward' to be a Variable, got function forward",
    )
    expect(() => net.perturb('hidden', 1)).toThrow("Expected 'hidden' to be of type 'Perturbation', got 'Intermediate'")
    pop(net, Intermediate)
    expect(Object.keys(net)).toEqual(['layer'])
  })

  it('cannot write a captured Variable', () => {
    const net = new Net()
    net.forward(x)
    const trace = (level: number) => ({ level, dynamic: false, label: 'test', process: (): never => null as never })
    withTrace(trace, () => expect(() => net.sow(Intermediate, 'hidden', 1)).toThrow(TraceError))
  })
})

describe('capture', () => {
  it('takes a function of the model, and leaves nothing behind', () => {
    const net = new Net()
    const [out, hidden] = capture((net: Net, x: Tensor) => net.features(x), Intermediate)(net, x)
    expect(numbers(out)).toEqual([[1]])
    expect(leavesOf(hidden)).toEqual([[['hidden'], 'Intermediate', [[[1]]]]])
    expect(Object.keys(net)).toEqual(['layer'])
    expect(net.sow(Intermediate, 'y', 1)).toBe(true)
  })

  it('drops values of types that were not asked for, and works without any', () => {
    const net = new Net()
    let kept: boolean | null = null
    const out = capture((net: Net) => {
      kept = net.sow(Intermediate, 'y', 1)
      return numbers(net.perturb('z', 2))
    }, [])(net)
    expect([out, kept, Object.keys(net)]).toEqual([2, false, ['layer']])
  })

  it('notes the results of methods of the classes of the graph', () => {
    const net = new Net()
    const forward = Object.getOwnPropertyDescriptor(Net.prototype, 'forward')
    const [, outputs] = capture(net, [Intermediate], { methodOutputs: Intermediate })(x)
    expect(leavesOf(outputs).map(([path]) => path.join('/'))).toEqual([
      'features',
      'forward',
      'hidden',
      'layer/forward',
    ])
    expect(Object.getOwnPropertyDescriptor(Net.prototype, 'forward')).toEqual(forward)
    expect(() => capture(net, [Perturbation], { methodOutputs: Intermediate })).toThrow(
      'capture: methodOutputs must be one of the types, got Intermediate; add it to [Perturbation]',
    )
  })

  it('cleans up after an error, and restores an outer capture', () => {
    const net = new Net()
    const fails = (): never => {
      throw new RangeError('no')
    }
    expect(() => capture((_: Net) => fails(), [Intermediate], { methodOutputs: Intermediate })(net)).toThrow(RangeError)
    expect(Object.keys(net)).toEqual(['layer'])
    const [inner, outer] = capture((net: Net) => {
      net.sow(Intermediate, 'before', 1)
      const [, state] = capture((net: Net) => net.features(x), Intermediate)(net)
      net.sow(Intermediate, 'after', 2)
      return Object.keys(state)
    }, Intermediate)(net)
    expect([inner, Object.keys(outer)]).toEqual([['hidden'], ['after', 'before']])
  })

  it('finds what was sown inside transforms', () => {
    const net = new Net()
    const [, hidden] = capture((net: Net) => withUpdates((n: Net) => n.features(x), [net] as const), Intermediate)(net)
    expect(leavesOf(hidden)).toEqual([[['hidden'], 'Intermediate', [[[1]]]]])
    expect(Object.keys(net)).toEqual(['layer'])
  })

  it('wants a Module, and snapshots to begin with', () => {
    expect(() => capture((x: number) => x, Intermediate)(3)).toThrow(/expected a Module as the first argument, got 3/)
    expect(() => capture(new Net(), [Intermediate], { init: { out: 3 } })(x)).toThrow(/init holds snapshots/)
  })

  it('begins with the perturbations given', () => {
    const net = new Net()
    const [, zeros] = capture(net, Perturbation)(x)
    const leaf = (zeros as unknown as { out: VariableState }).out
    const init = { out: leaf.replace(array([[7]])) }
    expect(numbers(capture(net, [], { init })(x))).toEqual([[8]])
    expect(flatState(zeros).map(([path]) => path)).toEqual([['out']])
  })
})

describe('a subclass of Variable', () => {
  it('may have accessors of its own, which survive split and merge', () => {
    class Doubled extends Variable<number> {
      declare readonly is: Variable['is'] & { readonly Doubled: true }
      override get value(): number {
        return super.value * 2
      }
      override set value(x: number) {
        super.value = x + 1
      }
    }
    const m = new Foo({ d: new Doubled(3) })
    const [def, s] = split(m)
    expect((s as unknown as { d: VariableState<number> }).d.value).toBe(3)
    const d = merge(def, s).d as Doubled
    expect([d.type, d.value]).toEqual([Doubled, 6])
    d.value = 4
    expect([d.raw, d.value, d.get()]).toEqual([5, 10, 10])
  })
})
