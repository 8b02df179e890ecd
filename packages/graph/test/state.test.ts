import { array, StateError, type Tensor, tree } from '@linum/tensor'
import { FilterError, rest } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import {
  at,
  BatchStat,
  diffState,
  editState,
  filterState,
  flatState,
  fromFlatState,
  isState,
  mapState,
  mergeState,
  Param,
  replaceByPureDict,
  restoreIntPaths,
  splitState,
  state,
  toPureDict,
  VariableState,
} from '@linum/graph'
import { Foo, Linear, numbers } from './models.js'

const model = () => new Foo({ layers: [new Linear(1, 1), new Linear(1, 1)], bn: { mean: new BatchStat(array([5])) } })
const paths = (s: object): string[] => flatState(s).map(([path]) => path.join('/'))
const leaf = (x: number) => new VariableState(Param, array(x))

describe('State', () => {
  it('is a mapping without inherited names, in the order of keys', () => {
    const s = fromFlatState([
      [['b'], 1],
      [['a', 10], 2],
      [['a', 9], 3],
      [['constructor'], 4],
      [['__proto__'], 5],
    ])
    expect('toString' in s).toBe(false)
    expect(Object.keys(s)).toEqual(['__proto__', 'a', 'b', 'constructor'])
    expect(s.constructor).toBe(4)
    expect(flatState(s)).toEqual([
      [['__proto__'], 5],
      [['a', 9], 3],
      [['a', 10], 2],
      [['b'], 1],
      [['constructor'], 4],
    ])
    expect(Object.prototype.toString.call(s)).toBe('[object State]')
    expect(String(s)).toBe('[object State]')
  })

  it('flatState and fromFlatState are inverse', () => {
    const s = state(model())
    expect(flatState(fromFlatState([...flatState(s)].reverse()))).toEqual(flatState(s))
    expect(paths(s)).toEqual(['bn/mean', 'layers/0/b', 'layers/0/w', 'layers/1/b', 'layers/1/w'])
  })

  it('refuses leaves in the same place, inside one another, or at the root', () => {
    expect(() =>
      fromFlatState([
        [['a'], 1],
        [['a'], 2],
      ]),
    ).toThrow(new StateError("fromFlatState: two leaves at path 'a'; give each path once"))
    expect(() =>
      fromFlatState([
        [['a', 'b'], 1],
        [['a'], 2],
      ]),
    ).toThrow(/a leaf at path 'a' and another below it at 'a\/b'/)
    expect(() => fromFlatState([[[], 1]])).toThrow(StateError)
  })

  it('keeps keys apart that a joined path would confuse', () => {
    expect(
      flatState(
        fromFlatState([
          [['a/b'], 1],
          [['a', 'b'], 2],
          [['a.b'], 3],
        ]),
      ).length,
    ).toBe(3)
  })

  it('maps, filters, splits, merges and subtracts', () => {
    const s = state(model())
    const doubled = mapState(
      (path, x) => (path[0] === 'bn' ? x : (x as VariableState<Tensor>).replace((x as VariableState<Tensor>).mul(2))),
      s,
    )
    expect(flatState(doubled).map(([, x]) => numbers(x))).toEqual([[5], [0], [[2]], [0], [[2]]])
    expect(paths(filterState(s, BatchStat))).toEqual(['bn/mean'])
    expect(filterState(s, BatchStat, 'nothing').map(paths)).toEqual([['bn/mean'], []])
    expect(() => splitState(s, BatchStat)).toThrow(FilterError)
    const [stats, params] = splitState(s, BatchStat, rest)
    expect(flatState(mergeState(stats!, params!))).toEqual(flatState(s))
    expect(paths(diffState(s, stats!))).toEqual(paths(params!))
  })

  it('merging lets the later win and gives real States for plain objects', () => {
    const s = mergeState({ a: { x: 1, y: 2 } }, { a: { y: 3 }, b: { z: 4 } })
    expect(flatState(s)).toEqual([
      [['a', 'x'], 1],
      [['a', 'y'], 3],
      [['b', 'z'], 4],
    ])
    expect(isState(s.b)).toBe(true)
  })

  it('at reads a path and says what is there where it is wrong', () => {
    const s = state(new Linear(1, 1))
    expect(numbers(at(s, 'w'))).toEqual([[1]])
    expect(() => at(s, 'nope' as 'w')).toThrow(
      new StateError("at: the State has nothing at path 'nope'; the keys there are b, w"),
    )
    expect(() => at(s, 'toString' as 'w')).toThrow(StateError)
  })
})

describe('editState', () => {
  it('writes into a draft and shares what it does not touch', () => {
    const s = state(model())
    const e = editState(s, (d) => {
      const layers = d.layers as unknown as Record<number, { w: VariableState }>
      layers[0]!.w = new VariableState(Param, array([[7]]))
    })
    const [a, b] = [s, e] as unknown as Record<string, Record<number, Record<string, unknown>>>[]
    expect(numbers(b!.layers![0]!.w)).toEqual([[7]])
    expect(numbers(a!.layers![0]!.w)).toEqual([[1]])
    expect(b!.layers![1]).toBe(a!.layers![1])
    expect(b!.bn).toBe(a!.bn)
    expect(isState(e)).toBe(true)
    expect(Object.isFrozen(e)).toBe(true)
  })

  it('takes a new value for a leaf', () => {
    const s = state(new Linear(1, 1))
    const e = editState(s, (d) => {
      d.w.value = array([[3]])
    })
    expect(e.w).toBeInstanceOf(VariableState)
    expect([numbers(e.w), numbers(s.w)]).toEqual([[[3]], [[1]]])
  })

  it('puts new keys in order, deletes, and makes States of plain objects', () => {
    const s = state(new Linear(1, 1))
    const e = editState(s as object, (d) => {
      const draft = d as Record<string, unknown>
      delete draft.w
      draft.a = { deep: leaf(1) }
    })
    expect(Object.keys(e)).toEqual(['a', 'b'])
    expect(isState((e as Record<string, unknown>).a)).toBe(true)
    expect(editState(s, () => {})).toBe(s)
  })
})

describe('pure dicts', () => {
  it('toPureDict holds raw values only', () => {
    const dict = toPureDict(state(model()))
    expect(Object.getPrototypeOf(dict)).toBe(Object.prototype)
    expect(numbers((dict.bn as Record<string, unknown>).mean)).toEqual([5])
    expect(tree.leaves(dict).length).toBe(5)
  })

  it('replaceByPureDict keeps types and takes index keys in either form', () => {
    const s = state(model())
    const r = replaceByPureDict(s, { layers: { '1': { w: array([[4]]) } } })
    const replaced = flatState(r).find(([path]) => path.join('/') === 'layers/1/w')![1] as VariableState
    expect(replaced.type).toBe(Param)
    expect(numbers(replaced)).toEqual([[4]])
    expect(paths(r)).toEqual(paths(s))
    expect(flatState(replaceByPureDict(s, toPureDict(s))).map(([, x]) => numbers(x))).toEqual(
      flatState(s).map(([, x]) => numbers(x)),
    )
  })

  it('replaceByPureDict names a key that the State has not', () => {
    expect(() => replaceByPureDict(state(new Linear(1, 1)), { zzz: 1 })).toThrow(
      /^key in pure_dict not available in state: \('zzz',\)/,
    )
    expect(() => replaceByPureDict(state(new Linear(1, 1)), { a: { 3: 1 } })).toThrow(/\('a', 3\)/)
  })

  it('restoreIntPaths turns levels of digit keys into Maps of numbers', () => {
    const restored = restoreIntPaths(JSON.parse('{"layers": {"0": {"w": 1}, "10": {"w": 2}}}') as object) as {
      layers: Map<number, unknown>
    }
    expect([...restored.layers.keys()]).toEqual([0, 10])
    expect(paths(restored)).toEqual(['layers/0/w', 'layers/10/w'])
  })
})
