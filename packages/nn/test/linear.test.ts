import { fc, test } from '@fast-check/vitest'
import { Param, Rngs, split } from '@linum/graph'
import { initializers, Linear } from '@linum/nn'
import { add, arange, array, jit, multiply, ones, ShapeError, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const x34 = arange(12).reshape([3, 4]).div(10)

describe('Linear', () => {
  test('Rngs(0) gives the numbers of Flax', () => {
    const layer = new Linear(4, 3, { rngs: new Rngs(0) })
    expectClose(layer.kernel, [
      [0.5350889, -0.48486355, -0.4022262],
      [-0.61925626, -0.46665004, 0.31773907],
      [0.38944173, -0.54608804, 0.84378934],
      [-0.93099, -0.67658, 0.0724705],
    ])
    expectClose(layer.bias!, [0, 0, 0])
    expectClose(layer.forward(x34), [
      [-0.26333427, -0.35885662, 0.22227293],
      [-0.5136205, -1.2285293, 0.554982],
      [-0.7639068, -2.098202, 0.8876911],
    ])
  })

  test('kernel and bias take a key each, and a layer without bias takes one', () => {
    const rngs = new Rngs(0)
    new Linear(2, 3, { rngs })
    expect(rngs.stream().count.value.item()).toBe(2)
    const layer = new Linear(2, 3, { useBias: false, rngs })
    expect(rngs.stream().count.value.item()).toBe(3)
    expect(layer.bias).toBeNull()
    expectClose(layer.forward(zeros([1, 2])), [[0, 0, 0]])
  })

  test('parameters draw from the stream params where there is one', () => {
    const rngs = new Rngs(0, { params: 1 })
    new Linear(2, 3, { rngs })
    expect([rngs.stream('params').count.value.item(), rngs.stream('default').count.value.item()]).toEqual([2, 0])
  })

  test("initializers and metadata are the caller's", () => {
    const layer = new Linear(2, 2, {
      kernelInit: initializers.constant(2),
      biasInit: initializers.ones,
      kernelMetadata: { sharding: 'rows' },
      biasMetadata: { tag: 'offset' },
      rngs: new Rngs(0),
    })
    expectClose(layer.forward(array([1, 2])), [7, 7])
    expect(layer.kernel.metadata['sharding']).toBe('rows')
    expect(layer.bias!.tag).toBe('offset')
  })

  test('equal layers have equal graph definitions, other widths do not', () => {
    const make = (dout: number): unknown => split(new Linear(2, dout, { rngs: new Rngs(0) }))[0]
    expect((make(3) as { equals(x: unknown): boolean }).equals(make(3))).toBe(true)
    expect((make(3) as { equals(x: unknown): boolean }).equals(make(4))).toBe(false)
  })

  test('any number of leading axes, and none, are kept', () => {
    const layer = new Linear(4, 3, { rngs: new Rngs(0) })
    const rows = layer.forward(x34)
    expectClose(layer.forward(x34.slice(1)), rows.slice(1).toArray())
    expectClose(layer.forward(x34.reshape([3, 1, 4])), rows.reshape([3, 1, 3]).toArray())
    expect(layer.forward(zeros([0, 4])).shape).toEqual([0, 3])
  })

  test('integers are computed in float32', () => {
    const layer = new Linear(2, 1, { kernelInit: initializers.constant(0.5), rngs: new Rngs(0) })
    const y = layer.forward(array([1, 2], { dtype: 'int32' }))
    expect([y.dtype, y.toArray()]).toEqual(['float32', [1.5]])
  })

  test('a jitted forward gives the same bits', () => {
    const layer = new Linear(4, 3, { rngs: new Rngs(0) })
    expect(jit((x: typeof x34) => layer.forward(x))(x34).toArray()).toEqual(layer.forward(x34).toArray())
  })

  const entry = fc.integer({ min: -8, max: 8 })
  test.prop([fc.array(entry, { minLength: 6, maxLength: 6 }), fc.array(entry, { minLength: 6, maxLength: 6 }), entry], {
    numRuns: 25,
  })('without bias it is linear', (a, b, c) => {
    const layer = new Linear(3, 2, { useBias: false, rngs: new Rngs(3) })
    const [x, y] = [array(a).reshape([2, 3]), array(b).reshape([2, 3])]
    expectClose(
      layer.forward(add(multiply(x, c), y)),
      add(multiply(layer.forward(x), c), layer.forward(y)).toArray(),
      1e-4,
      1e-4,
    )
  })

  test('errors name the layer, the argument, and what was got', () => {
    const rngs = new Rngs(0)
    const layer = new Linear(4, 3, { rngs })
    expect(() => layer.forward(ones([2, 3]))).toThrow(
      new ShapeError('Linear.forward: the last axis of x must be 4 (din), got shape (2, 3)'),
    )
    expect(() => layer.forward(1)).toThrow('Linear.forward: the last axis of x must be 4 (din), got shape ()')
    expect(() => layer.forward([1, 2, 3, 4] as never)).toThrow(
      'Linear.forward: expected a tensor or a number, got an array',
    )
    expect(() => layer.forward(rngs.key())).toThrow('Linear.forward: x must hold numbers, got random keys')
    expect(() => new Linear(0, 3, { rngs })).toThrow('Linear: din must be a positive integer, got 0')
    expect(() => new Linear(2, 1.5, { rngs })).toThrow('Linear: dout must be a positive integer, got 1.5')
    expect(() => new Linear(2, 3, undefined as never)).toThrow(
      'Linear: rngs must be an Rngs, for the parameters are random, got undefined; pass { rngs: new Rngs(0) }',
    )
    expect(() => new Linear(2, 3, { rngs: 0 as never })).toThrow('got 0; pass { rngs: new Rngs(0) }')
    expect(() => new Linear(2, 3, { paramDtype: 'int32' as never, rngs })).toThrow(
      'Linear: paramDtype must be a float dtype, got "int32"; use',
    )
    expect(() => new Linear(2, 3, { kernelInit: () => zeros([3, 2]), rngs })).toThrow(
      'Linear: kernelInit must give shape (2, 3), got (3, 2)',
    )
  })

  test('its parameters are Params that can be replaced', () => {
    const layer = new Linear(2, 1, { rngs: new Rngs(0) })
    layer.kernel = new Param(array([[1], [2]]))
    expectClose(layer.forward(array([3, 4])), [11])
  })
})
