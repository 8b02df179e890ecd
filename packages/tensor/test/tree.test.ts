import { fc, test } from '@fast-check/vitest'
import { array, jit, StateError, Tensor, traceCount, tree, treeNode, type TreeNode } from '@linum/tensor'
import { describe, expect } from 'vitest'

class Pair {
  readonly first: unknown
  readonly second: unknown
  readonly label: string
  constructor(first: unknown, second: unknown, label = '') {
    this.first = first
    this.second = second
    this.label = label
  }
  get [treeNode](): TreeNode<Pair> {
    return pairNode
  }
}
const pairNode: TreeNode<Pair> = {
  flatten: (p) => [[p.first, p.second], p.label],
  unflatten: (label, [first, second]) => new Pair(first, second, label as string),
  keys: () => ['first', 'second'],
}

class Foreign {
  readonly items: readonly unknown[]
  constructor(items: readonly unknown[]) {
    this.items = items
  }
}
tree.register(Foreign, { flatten: (f) => [f.items, null], unflatten: (_, items) => new Foreign(items) })

class Opaque {
  readonly x = 1
}

describe('flatten', () => {
  test('visits arrays in order and objects by sorted keys', () => {
    expect(tree.leaves({ b: 1, a: [2, { z: 3, y: 4 }], c: 5 })).toEqual([2, 4, 3, 1, 5])
    expect(tree.leaves([])).toEqual([])
    expect(tree.leaves(7)).toEqual([7])
  })

  test('finds no leaf in null and undefined, and tells them apart', () => {
    expect(tree.leaves([null, undefined, { a: null }])).toEqual([])
    expect(tree.unflatten(tree.structure([null, undefined]), [])).toEqual([null, undefined])
    expect(tree.structure([null]).equals(tree.structure([undefined]))).toBe(false)
  })

  test('takes everything else for a leaf: tensors, functions, dates, maps, typed arrays, other classes', () => {
    const leaves = [
      array([1]),
      () => 1,
      new Date(0),
      new Map(),
      Float32Array.of(1),
      new Opaque(),
      'text',
      true,
      Symbol('s'),
      1n,
    ]
    expect(tree.leaves(leaves)).toEqual(leaves)
    expect(tree.leaves(leaves).every((l, i) => l === leaves[i])).toBe(true)
  })

  test('takes classes apart that say how, their subclasses too', () => {
    class Sub extends Pair {}
    const [leaves, def] = tree.flatten({ p: new Pair(1, [2, new Pair(3, null, 'inner')], 'outer') })
    expect(leaves).toEqual([1, 2, 3])
    expect(tree.unflatten(def, [10, 20, 30])).toEqual({ p: new Pair(10, [20, new Pair(30, null, 'inner')], 'outer') })
    expect(tree.leaves(new Sub(1, 2))).toEqual([1, 2])
    expect(tree.leaves(new Foreign([1, new Foreign([2])]))).toEqual([1, 2])
    expect(tree.map((x: number) => x * 2, new Foreign([1, 2]))).toEqual(new Foreign([2, 4]))
  })

  test('treats keys like __proto__ and constructor as any other', () => {
    const hostile = JSON.parse('{"__proto__": 1, "constructor": {"prototype": 2}, "toString": 3}') as Record<
      string,
      unknown
    >
    const [leaves, def] = tree.flatten(hostile)
    expect(leaves).toEqual([1, 2, 3])
    const back = tree.unflatten(def, [10, 20, 30]) as Record<string, unknown>
    expect(Object.keys(back).sort()).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getOwnPropertyDescriptor(back, '__proto__')!.value).toBe(10)
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(({} as { polluted?: unknown }).polluted).toBe(undefined)
    expect(tree.leavesWithPath(hostile).map(([path, leaf]) => [tree.keystr(path), leaf])).toEqual([
      ["['__proto__']", 1],
      ["['constructor']['prototype']", 2],
      ["['toString']", 3],
    ])
  })
})

describe('unflatten', () => {
  test('needs exactly as many leaves as there are places', () => {
    const def = tree.structure([1, { a: 2 }])
    expect(() => tree.unflatten(def, [1])).toThrow(new StateError('tree.unflatten: expected 2 leaves, got 1'))
    expect(() => tree.unflatten(def, [1, 2, 3])).toThrow(StateError)
  })
})

describe('map', () => {
  test('applies a function to corresponding leaves of several trees', () => {
    expect(tree.map((a: number, b: number) => a + b, { x: 1, y: [2] }, { x: 10, y: [20] })).toEqual({ x: 11, y: [22] })
    expect(tree.map((t: Tensor) => t.mul(2), [array([1]), null]).map((t) => t?.toArray())).toEqual([[2], undefined])
  })
  test('refuses trees of different structures', () => {
    expect(() => tree.map((a: number) => a, { x: 1 }, { y: 1 })).toThrow(
      new StateError(
        'tree.map: the trees have different structures, got an object with keys x and an object with keys y: {x: *} and {y: *}',
      ),
    )
    expect(() => tree.map((a: number) => a, { a: [1, 2] }, { a: [1] })).toThrow(
      "tree.map: the trees have different structures at ['a'], got an array of 2 and an array of 1: {a: [*, *]} and {a: [*]}",
    )
    expect(() => tree.map((a: number) => a, [1, 2], [1])).toThrow(StateError)
    expect(() => tree.map((a: unknown) => a, new Pair(1, 2, 'a'), new Pair(1, 2, 'b'))).toThrow(StateError)
  })
  test('gives the path of each leaf, in the words of the class where it has some', () => {
    expect(
      tree.mapWithPath((path, leaf: number) => `${tree.keystr(path)}=${leaf}`, {
        a: [1, { b: 2 }],
        c: new Pair(3, [4]) as unknown as number,
      }),
    ).toEqual({
      a: ["['a'][0]=1", { b: "['a'][1]['b']=2" }],
      c: new Pair("['c']['first']=3", ["['c']['second'][0]=4"]),
    })
    expect(tree.leavesWithPath(new Foreign([5]))).toEqual([[[0], 5]])
    expect(tree.leavesWithPath(5)).toEqual([[[], 5]])
  })
  test('reduce folds the leaves in order', () => {
    expect(tree.reduce((s: string, leaf: number) => s + String(leaf), { b: 1, a: [2, 3] }, '>')).toBe('>231')
  })
})

describe('structures', () => {
  test('are equal where only leaves differ', () => {
    expect(tree.structure({ a: 1, b: [2] }).equals(tree.structure({ b: ['x'], a: 'y' }))).toBe(true)
    const pairs: [unknown, unknown][] = [
      [[1], { 0: 1 }],
      [[1], [1, 2]],
      [[[1]], [1]],
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, { a: 1, b: null }],
      [new Pair(1, 2, 'a'), new Pair(1, 2, 'b')],
      [new Pair(1, 2), [1, 2]],
      [new Foreign([1]), new Foreign([1, 2])],
      [1, []],
    ]
    for (const [a, b] of pairs) expect(tree.structure(a).equals(tree.structure(b))).toBe(false)
    expect(tree.structure(1).equals('leaf')).toBe(false)
  })
  test('compare static data by equals where it has that, NaN equal to itself', () => {
    class Size {
      readonly n: number
      constructor(n: number) {
        this.n = n
      }
      equals(other: unknown): boolean {
        return other instanceof Size && other.n === this.n
      }
    }
    expect([
      tree.auxEqual(new Size(1), new Size(1)),
      tree.auxEqual(new Size(1), new Size(2)),
      tree.auxEqual(NaN, NaN),
      tree.auxEqual(0, -0),
      tree.auxEqual({}, {}),
      tree.auxEqual(new Size(1), null),
    ]).toEqual([true, false, true, false, false, false])
  })
  test('print with a star per leaf', () => {
    expect(String(tree.structure({ b: [1, null], a: new Pair(1, undefined, 'p') }))).toBe(
      '{a: <p>(*, undefined), b: [*, null]}',
    )
  })
  test('count their leaves', () => {
    expect(tree.structure({ a: [1, 2], b: null, c: new Pair(1, [2, 3]) }).size).toBe(5)
  })
})

test('a registered class goes in and out of a jitted function', () => {
  const f = jit((p: Pair) => new Pair((p.first as Tensor).add(1), p.second, `${p.label}!`))
  const out = f(new Pair(array([1]), array([5]), 'p'))
  expect([out instanceof Pair, (out.first as Tensor).toArray(), (out.second as Tensor).toArray(), out.label]).toEqual([
    true,
    [2],
    [5],
    'p!',
  ])
  f(new Pair(array([1]), array([5]), 'q'))
  expect(traceCount(f)).toBe(2)
})

const key = fc.constantFrom('a', 'b', 'w', '10', '9', '__proto__', 'constructor', '')
const { tree: anyTree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer(),
    fc.constantFrom(null, undefined),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 3 }).map((entries) => {
      const out = {}
      for (const [k, v] of entries)
        Object.defineProperty(out, k, { value: v, enumerable: true, configurable: true, writable: true })
      return out
    }),
    fc.tuple(tie('tree'), tie('tree'), fc.constantFrom('', 'x')).map(([a, b, label]) => new Pair(a, b, label)),
  ),
}))

/** All of a tree as text: undefined and hostile keys included, which matchers overlook. */
const spell = (x: unknown): string => {
  if (typeof x !== 'object' || x === null) return String(x)
  if (Array.isArray(x)) return `[${x.map(spell).join()}]`
  const own = Object.keys(x)
    .sort()
    .map((k) => `${JSON.stringify(k)}:${spell(Object.getOwnPropertyDescriptor(x, k)!.value)}`)
  return `${x instanceof Pair ? 'Pair' : ''}{${own.join()}}`
}

describe('laws', () => {
  test.prop([anyTree])('unflatten undoes flatten', (t) => {
    const [leaves, def] = tree.flatten(t)
    expect(spell(tree.unflatten(def, leaves))).toBe(spell(t))
    expect(def.size).toBe(leaves.length)
    expect(tree.leavesWithPath(t).map(([, leaf]) => leaf)).toEqual(leaves)
  })
  test.prop([anyTree])('mapping the identity changes nothing, and keeps the structure', (t) => {
    const same = tree.map((x: unknown) => x, t)
    expect(spell(same)).toBe(spell(t))
    expect(tree.structure(same).equals(tree.structure(t))).toBe(true)
  })
  test.prop([anyTree])('mapping twice is mapping the composition', (t) => {
    const [f, g] = [(x: number) => x + 1, (x: number) => x * 3]
    expect(spell(tree.map(f, tree.map(g, t)))).toBe(spell(tree.map((x: number) => f(g(x)), t)))
  })
  test.prop([anyTree, anyTree])("structures are equal exactly where one's leaves fit the other", (a, b) => {
    const [x, y] = [tree.structure(a), tree.structure(b)]
    expect(x.equals(y)).toBe(y.equals(x))
    expect(x.equals(tree.structure(a))).toBe(true)
    if (x.equals(y)) expect(spell(tree.unflatten(x, tree.leaves(b)))).toBe(spell(b))
  })
  test.prop([anyTree])('paths are all different', (t) => {
    const paths = tree.leavesWithPath(t).map(([path]) => JSON.stringify(path))
    expect(new Set(paths).size).toBe(paths.length)
  })
})
