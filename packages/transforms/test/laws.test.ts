import { fc, test } from '@fast-check/vitest'
import { array, type Tensor } from '@linum/tensor'
import { clone, flatten, isGraphNode, iterGraph, Param, Variable } from '@linum/graph'
import { cond, customVjp, grad, jit, jvp, remat, switchCase, traceCount, valueAndGrad, vjp } from '@linum/transforms'
import { describe, expect } from 'vitest'
import { type Foo, numbers } from './models.js'
import { objectsOf, randomFunction, randomGraph } from './random-graphs.js'

/** Everything observable about a value: structure with sharing, classes, statics, and the numbers of the leaves. */
const observe = (x: unknown): unknown => {
  const { graphdef, leaves } = flatten([x])
  return {
    hash: graphdef.hash,
    paths: graphdef.paths,
    leaves: leaves.map((leaf) => [leaf instanceof Variable ? leaf.type.name : 'Tensor', numbers(leaf)]),
  }
}

const sum = (m: unknown): Tensor =>
  [...iterGraph(m)]
    .flatMap(([, v]) => (v instanceof Variable ? [(v as Variable).value.square().sum()] : []))
    .reduce((a, b) => a.add(b), array(0).astype('float32'))

describe('laws of random graphs', () => {
  test.prop([randomGraph, randomFunction], { numRuns: 300 })(
    'a jitted function does to a graph what it does to a copy, results included',
    (make, f) => {
      const m = make()
      const twin = clone(m)
      expect(observe([m, jit(f)(m)])).toEqual(observe([twin, f(twin)]))
    },
  )

  test.prop([randomGraph, randomFunction], { numRuns: 100 })('and again, when it has been traced', (make, f) => {
    const jitted = jit(f)
    const m = make()
    const twin = clone(m)
    for (let i = 0; i < 3; i++) expect(observe([m, jitted(m)])).toEqual(observe([twin, f(twin)]))
    // Another object of the structure that is known.
    const [other, copy] = [make(), make()]
    const traces = traceCount(jitted)
    expect(observe([other, jitted(other)])).toEqual(observe([copy, f(copy)]))
    expect(traceCount(jitted)).toBe(traces)
  })

  test.prop([randomGraph, randomFunction], { numRuns: 100 })('objects that stay are the same objects', (make, f) => {
    const [m, twin] = [make(), make()]
    const [before, twins] = [objectsOf(m), objectsOf(twin)]
    jit(f)(m)
    f(twin)
    const [after, twinsAfter] = [new Set(objectsOf(m)), new Set(objectsOf(twin))]
    before.forEach((x, i) => expect(after.has(x)).toBe(twinsAfter.has(twins[i]!)))
    expect(after.size).toBe(twinsAfter.size)
  })

  // Of the graph alone: a Variable that `g` writes and then drops keeps, in what `f` returned, the value it had before.
  test.prop([randomGraph, randomFunction, randomFunction], { numRuns: 60 })(
    'jitted functions inside a jitted one do what they do alone',
    (make, f, g) => {
      const [inner, second] = [jit(f), jit(g)]
      const both = jit((m: Foo): void => {
        inner(m)
        second(m)
      })
      const [m, twin] = [make(), make()]
      both(m)
      f(twin)
      g(twin)
      expect(observe(m)).toEqual(observe(twin))
    },
  )

  test.prop([randomGraph, randomFunction], { numRuns: 100 })(
    'a gradient leaves the graph as the function does',
    (make, f) => {
      const [m, twin] = [make(), make()]
      const loss = (m: Foo): readonly [Tensor, unknown] => {
        const out = f(m)
        return [sum(m), out]
      }
      const [[value, aux]] = valueAndGrad(loss, { hasAux: true })(m)
      const [want, out] = loss(twin)
      expect(numbers(value)).toEqual(numbers(want))
      expect(observe([m, aux])).toEqual(observe([twin, out]))
    },
  )

  // Numbers that a branch returns become tensors, as an argument does.
  const asTensors = (x: unknown): unknown => {
    if (typeof x === 'number') return array(x)
    // A List is an array to a tree, and may hold itself.
    if (isGraphNode(x)) return x
    if (Array.isArray(x)) return x.map(asTensors)
    if (typeof x !== 'object' || x === null || Object.getPrototypeOf(x) !== Object.prototype) return x
    return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, asTensors(value)]))
  }
  const transforms: Readonly<Record<string, (f: (m: Foo) => unknown, m: Foo) => unknown>> = {
    remat: (f, m) => remat(f)(m),
    cond: (f, m) => cond(array(1), f, f, m),
    switchCase: (f, m) => switchCase(1, [f, f, f], m),
    'cond inside jit': (f, m) => jit((m: Foo, p: Tensor) => cond(p, f, f, m))(m, array(0)),
    vjp: (f, m) => vjp((m: Foo) => [array(0).mul(1), f(m)] as const, [m], { hasAux: true })[2],
    jvp: (f, m) => jvp((m: Foo) => [array(0).mul(1), f(m)] as const, [m], [null as never], { hasAux: true })[2],
    customVjp: (f, m) =>
      customVjp(
        f,
        (m) => [f(m), null] as const,
        () => [null],
      )(m),
  }
  test.prop([fc.constantFrom(...Object.keys(transforms)), randomGraph, randomFunction], { numRuns: 200 })(
    'every transform that runs a function once leaves the graph as the function does',
    (name, make, f) => {
      const [m, twin] = [make(), make()]
      const out = transforms[name]!(f, m)
      expect(observe([m, asTensors(out)])).toEqual(observe([twin, asTensors(f(twin))]))
    },
  )

  test.prop([randomGraph], { numRuns: 60 })(
    'the gradient of a sum of squares is twice the Params, compiled or not',
    (make) => {
      const m = make()
      const params = flatten(m)
        .leaves.filter((v) => v instanceof Param)
        .map((v) => (v as Param).value.mul(2).toArray())
      expect(flatten(grad(sum)(m)).leaves.map(numbers)).toEqual(params)
      expect(flatten(jit(grad(sum))(m)).leaves.map(numbers)).toEqual(params)
    },
  )
})
