import { array, GraphError, ones, type Tensor } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import {
  cachedPartial,
  currentUpdateContext,
  flatten,
  flattenAgainst,
  lifted,
  mergeContext,
  Param,
  splitContext,
  UpdateContext,
  updateContext,
  type Variable,
  withUpdates,
} from '@linum/graph'
import { Foo, Linear, numbers, StatefulLinear } from './models.js'

describe('cachedPartial', () => {
  it('gives the function copies with the same Variables', () => {
    const model = new StatefulLinear(1, 1)
    const shared = new Foo({ model })
    const step = cachedPartial(
      (model: StatefulLinear, shared: Foo, x: Tensor) => [model, shared, numbers(model.forward(x))] as const,
      model,
      shared,
    )
    const [inner, second, y] = step(ones([1, 1]))
    step(ones([1, 1]))
    expect(y).toEqual([[1]])
    expect(numbers(model.count)).toBe(2)
    expect([inner === model, inner.w === model.w, second.model === inner]).toEqual([false, true, true])
  })

  it('does not walk the copies again, and sees new values', () => {
    const model = new Foo({ layers: [new Linear(1, 1), new Linear(1, 1)] })
    const walks: unknown[] = []
    const last = { graphdef: flatten([model, ones([1])]).graphdef }
    const read = cachedPartial((model: Foo, x: Tensor) => {
      const get = Reflect.getOwnPropertyDescriptor(model, 'layers')!.value as unknown
      let reads = 0
      Object.defineProperty(model, 'layers', {
        configurable: true,
        enumerable: true,
        get: () => {
          reads++
          return get
        },
      })
      const leaves = flattenAgainst(last.graphdef, [model, x])
      walks.push([reads, leaves?.length, numbers((leaves![1] as Variable).value)])
      Object.defineProperty(model, 'layers', { value: get, configurable: true, enumerable: true, writable: true })
    }, model)
    read(ones([1]))
    ;(model.layers as Linear[])[0]!.w.value = array([[7]])
    read(ones([1]))
    expect(walks).toEqual([
      [1, 5, [[1]]],
      [0, 5, [[7]]],
    ])
  })

  it('notices Variables met before, another place and new metadata', () => {
    const model = new Linear(1, 1)
    const first = flatten([model, model.w]).graphdef
    const second = flatten([1, model]).graphdef
    const found: unknown[] = []
    const read = cachedPartial((m: Linear, way: number) => {
      if (way === 0) found.push(flattenAgainst(first, [m, m.w])?.length, flattenAgainst(second, [1, m])?.length)
      if (way === 1) found.push(flattenAgainst(first, [m, m.b]), flattenAgainst(first, [m.w, m]))
    }, model)
    read(0)
    read(0)
    read(1)
    expect(found).toEqual([2, 2, 2, 2, null, null])
    model.w.setMetadata({ note: 'x' })
    expect(() => read(0)).toThrow(GraphError)
    expect(found.slice(6)).toEqual([undefined, undefined])
  })

  it('refuses a function that changes the structure', () => {
    const model = new Foo({ p: new Param(array(1)) })
    const grow = cachedPartial((m: Foo, undo: boolean) => {
      m.extra = 1
      if (undo) delete m.extra
    }, model)
    grow(true)
    expect(() => grow(false)).toThrow(/The graph structure of a node added to cachedPartial was mutated/)
    expect(Object.keys(model)).toEqual(['p'])
  })
})

describe('a function marked as lifted', () => {
  const marked = <F extends object>(f: F): F => Object.assign(f, { [lifted]: true })

  it('is checked after edits on the way back of a context', () => {
    const model = new Foo({ p: new Param(array(1)) })
    const step = cachedPartial(
      marked((m: Foo, edit: boolean) =>
        withUpdates(
          (inner: Foo) => {
            ;(inner.p as Param).update((p) => p.add(1))
            if (edit) inner.extra = 1
          },
          [m] as const,
        ),
      ),
      model,
    )
    step(false)
    expect(numbers(model.p)).toBe(2)
    expect(() => step(true)).toThrow(GraphError)
    expect(() => step(false)).toThrow(GraphError)
  })

  it('is not looked at else', () => {
    const untouched = cachedPartial(
      marked((m: Foo) => {
        m.extra = 1
      }),
      new Foo(),
    )
    expect(untouched).not.toThrow()
  })
})

describe('contexts', () => {
  it('number several values together', () => {
    const l = new Linear(1, 1)
    const take = splitContext()
    const [[d1, s1], [d2, s2]] = [take.split(l), take.split(new Foo({ l }))] as const
    const put = mergeContext()
    const [l2, foo] = [put.merge(d1, s1), put.merge(d2, s2 as object)]
    expect(foo.l).toBe(l2)
    expect(l2).not.toBe(l)
  })

  it('are found by their tag while they run', () => {
    const seen = updateContext('jit', (outer) => {
      const inner = updateContext('jit', (own) => [own === currentUpdateContext('jit'), own === outer])
      return [outer instanceof UpdateContext, ...inner, outer === currentUpdateContext('jit')]
    })
    expect(seen).toEqual([true, true, false, true])
    expect(() => currentUpdateContext('jit')).toThrow(
      new GraphError("No update context found for tag 'jit'; call this inside updateContext(tag, f)"),
    )
    expect(() =>
      updateContext('grad', () => {
        throw new RangeError('no')
      }),
    ).toThrow(RangeError)
    expect(() => currentUpdateContext('grad')).toThrow(GraphError)
  })
})
