import { List, type Param } from '@linum/graph'
import { array, type Tensor, type TensorLike } from '@linum/tensor'
import { cond, grad, jit, remat, scan, traceCount, vmap } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { inputPaths, traceEntry } from '../src/jit/entry.js'
import { Foo, Linear, numbers, param, thrown } from './models.js'

describe('arguments that are neither tensors nor static by their content', () => {
  it.for([
    [
      'a typed array',
      new Float32Array(3),
      'is a Float32Array, which is neither a tensor nor static by its content; make it a tensor with array(...)',
    ],
    ['a buffer', new ArrayBuffer(3), 'is a ArrayBuffer'],
    [
      'a Date',
      new Date(),
      'is a Date, which is neither a tensor nor static by its content; pass its number or its text',
    ],
    ['a Set', new Set(), 'is a Set'],
    ['a Promise', Promise.resolve(), 'is a Promise'],
    ['a RegExp', /x/, 'is a RegExp'],
  ] as [string, object, string][])('%s is refused, with its place', ([, value, text]) => {
    expect(thrown(() => jit((x: unknown) => x)(value))).toContain(`TypeError: jit(anonymous): argument 0 ${text}`)
    expect(thrown(() => jit((_: Tensor, x: unknown) => x)(array(1), { a: [1, value] }))).toContain(
      `TypeError: jit(anonymous): argument 1 at a/1 ${text}`,
    )
    expect(jit((_: unknown) => 1, { staticArgnums: [0] })(value)).toBe(1)
  })

  it('by every transform', () => {
    const f = (x: unknown): Tensor => x as Tensor
    const dates = [new Date()]
    for (const run of [
      () => vmap(f)(dates),
      () => scan((c: Tensor, x: unknown) => [c, x] as const)(array(1), dates),
      () => remat(f)(dates),
      () => grad(f as never)(dates as never),
      () => cond(true, f, f, dates),
    ])
      expect(thrown(run)).toMatch(/^TypeError: \w+(\(\w+\))?: argument [01] at 0 is a Date/)
  })

  it('a container that contains itself is refused, a List that does is not', () => {
    const array_: unknown[] = [1]
    array_.push(array_)
    const object: Record<string, unknown> = {}
    object['own'] = { object }
    const message =
      /^GraphError: jit\(anonymous\): argument 0 at .* contains itself, but an array or object has no identity in the graph; use List or Dict/
    expect(thrown(() => jit((x: unknown) => x)(array_))).toMatch(message)
    expect(thrown(() => jit((x: unknown) => x)(object))).toMatch(message)
    const list = new List<unknown>([param(1)])
    list.push(list)
    expect(jit((x: List<unknown>) => (x[0] as Param).mul(2))(list).item()).toBe(2)
  })

  it('numbers in a Map are traced too, and containers without numbers stay the same objects', () => {
    const f = jit((m: ReadonlyMap<string, TensorLike>) => (m.get('a') as Tensor).mul(2))
    expect([f(new Map([['a', 1]])).item(), f(new Map([['a', 2]])).item(), traceCount(f)]).toEqual([2, 4, 1])
  })
})

describe('the inputs of a program', () => {
  it('have the paths of the arguments', () => {
    const captured = array([1, 2])
    const args = [new Foo({ layers: [new Linear(1, 2)] }), { x: array(1), y: [array(2)] }, 3]
    const entry = traceEntry(
      (m: Foo, o: { x: Tensor }) => o.x.add(captured).add((m.layers as Linear[])[0]!.b),
      'f',
      args,
      [...args.slice(0, 2), array(3)],
      [],
    )
    expect(inputPaths(entry)).toEqual([
      'captured value 0',
      'argument 0 at layers/0/b',
      'argument 0 at layers/0/w',
      'argument 1 at x',
      'argument 1 at y/0',
      'argument 2',
    ])
    expect(entry.traced.program.inputs.length).toBe(6)
    expect(numbers(captured)).toEqual([1, 2])
  })
})
