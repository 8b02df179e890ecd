import { fc } from '@fast-check/vitest'
import { array, Tensor } from '@linum/tensor'
import { BatchStat, Dict, isGraphNode, iterGraph, List, LoRAParam, Param, Variable } from '@linum/graph'
import { Foo } from './models.js'

interface GraphSpec {
  readonly kinds: readonly number[]
  readonly edges: readonly (readonly [from: number, key: string, to: number])[]
}

const makers: readonly ((i: number) => object)[] = [
  () => new Foo(),
  () => new List<unknown>(),
  () => new Dict<Record<string, unknown>>({}),
  (i) => new Param(array([i]), i % 2 === 0 ? { tag: `t${i}` } : {}),
  (i) => new LoRAParam(array([i, 1])),
  (i) => new BatchStat(array([i])),
  (i) => array([i, i]),
]
const statics: readonly unknown[] = [1, 'x', null, undefined, true, Math.max]

const graphSpec: fc.Arbitrary<GraphSpec> = fc.integer({ min: 1, max: 7 }).chain((n) =>
  fc.record({
    kinds: fc.array(fc.nat(makers.length - 1), { minLength: n, maxLength: n }),
    edges: fc.array(fc.tuple(fc.nat(n), fc.constantFrom('a', 'b', 'z', '2', '10'), fc.nat(n + statics.length + 2)), {
      maxLength: 12,
    }),
  }),
)

const put = (node: object, key: string, value: unknown): void => {
  if (node instanceof List) node.push(value)
  else if (!(node instanceof Variable) && !(node instanceof Tensor)) (node as Record<string, unknown>)[key] = value
}

const build = ({ kinds, edges }: GraphSpec): Foo => {
  const objects: object[] = [new Foo(), ...kinds.map((k, i) => makers[k]!(i))]
  const target = (to: number): unknown => {
    if (to < objects.length) return objects[to]
    const rest = to - objects.length
    if (rest < statics.length) return statics[rest]
    const one = objects[(to + 1) % objects.length]
    return rest % 2 === 0 ? [one, 1] : { k: one, '3': 'x' }
  }
  for (const [from, key, to] of edges) put(objects[from]!, key, target(to))
  const root = objects[0] as Foo
  root.everything = objects.slice(1)
  return root
}

/** A Module with sharing and cycles. Each call of the function makes an equal one anew. */
export const randomGraph: fc.Arbitrary<() => Foo> = graphSpec.map((spec) =>
  Object.assign(() => build(spec), { toString: () => JSON.stringify(spec) }),
)

/** Every object with identity, in one order for equal graphs. */
export const objectsOf = (root: unknown): readonly object[] => [
  ...new Set(
    [...iterGraph(root)].map(([, v]) => v).filter((v): v is object => v instanceof Variable || isGraphNode(v)),
  ),
]

const nodesOf = (root: unknown): readonly object[] => objectsOf(root).filter((x) => !(x instanceof Variable))
const variablesOf = (root: unknown): readonly Variable[] =>
  objectsOf(root).filter((x): x is Variable => x instanceof Variable)

type Edit = (root: Foo, i: number, j: number) => void

const pick = <T>(xs: readonly T[], i: number): T | undefined => (xs.length === 0 ? undefined : xs[i % xs.length])

// Sorted: a copy need not list its attributes in the order of the original.
const keysOf = (node: object): readonly string[] => Object.keys(node).sort()

const edits: Readonly<Record<string, Edit>> = {
  write: (root, i) => void pick(variablesOf(root), i)?.update((v) => v.mul(2).add(1)),
  mix: (root, i, j) => {
    const [v, w] = [pick(variablesOf(root), i), pick(variablesOf(root), j)]
    if (v !== undefined && w !== undefined) v.value = v.value.mul(0).add(w.value.sum())
  },
  link: (root, i, j) => put(pick(nodesOf(root), i)!, 'linked', pick(objectsOf(root), j)),
  make: (root, i, j) => put(pick(nodesOf(root), i)!, 'made', new Foo({ p: new Param(array([j])), n: j })),
  take: (root, i, j) => {
    const v = pick(variablesOf(root), j)
    if (v !== undefined) put(pick(nodesOf(root), i)!, 'taken', v.value.add(1))
  },
  mark: (root, i, j) => put(pick(nodesOf(root), i)!, 'mark', j % 3),
  drop: (root, i, j) => {
    const node = pick(nodesOf(root), i)!
    if (node instanceof List) node.pop()
    else {
      const key = pick(
        keysOf(node).filter((k) => k !== 'everything'),
        j,
      )
      if (key !== undefined) delete (node as Record<string, unknown>)[key]
    }
  },
  swap: (root, i, j) => {
    const node = pick(nodesOf(root), i) as Record<string, unknown>
    const keys = keysOf(node)
    const [a, b] = [pick(keys, i), pick(keys, j)]
    if (a !== undefined && b !== undefined) [node[a], node[b]] = [node[b], node[a]]
  },
}

const results: readonly ((root: Foo, i: number) => unknown)[] = [
  (root) => root,
  (root, i) => pick(objectsOf(root), i),
  (root) => variablesOf(root).map((v) => v.value.sum()),
  (root, i) => ({
    b: [pick(objectsOf(root), i), i],
    a: { '10': array([i]), '9': array([0]) },
    made: new Foo({ part: pick(objectsOf(root), i) }),
  }),
  (_, i) => i,
  () => undefined,
]

/** A function that writes to and edits whatever graph it gets, and returns some of it. */
export const randomFunction: fc.Arbitrary<(root: Foo) => unknown> = fc
  .record({
    steps: fc.array(fc.tuple(fc.constantFrom(...Object.keys(edits)), fc.nat(20), fc.nat(20)), { maxLength: 6 }),
    result: fc.nat(results.length - 1),
    i: fc.nat(20),
  })
  .map((spec) =>
    Object.assign(
      (root: Foo): unknown => {
        for (const [name, i, j] of spec.steps) edits[name]!(root, i, j)
        return results[spec.result]!(root, spec.i)
      },
      { toString: () => JSON.stringify(spec) },
    ),
  )
