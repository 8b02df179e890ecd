import { fc, test } from '@fast-check/vitest'
import { merge, Module, Param, Rngs, split } from '@linum/graph'
import { Dropout, Linear, relu, Sequential, sequential } from '@linum/nn'
import { array, ones, type Tensor } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

describe('Sequential', () => {
  test('calls layers and functions in order', () => {
    const rngs = new Rngs(0)
    const [first, last] = [new Linear(2, 3, { rngs }), new Linear(3, 2, { rngs })]
    const model = new Sequential(first, relu, last)
    const x = array([[1, -1]])
    expectClose(model.forward(x), last.forward(relu(first.forward(x))).toArray())
    expect(model.layers[0]).toBe(first)
  })

  test('without layers it is the identity', () => {
    const x = ones([2])
    expect(new Sequential().forward(x)).toBe(x)
    expect(sequential().forward(1, 2)).toEqual([1, 2])
  })

  test('an array is handed on as arguments', () => {
    const model = sequential(
      (x: number) => [x, x + 1] as const,
      (a: number, b: number) => a * b,
    )
    expect(model.forward(3)).toBe(12)
  })

  test('the first layer takes every argument', () => {
    const model = sequential(new Dropout(0.5), relu)
    expectClose(model.forward(array([-1, 2]), { deterministic: true }), [0, 2])
  })

  test.prop([fc.array(fc.constantFrom(2, 3, 5), { maxLength: 12 })], { numRuns: 30 })(
    'nesting changes nothing',
    (factors) => {
      const steps = factors.map((factor) => (x: number) => (x * factor + 1) % 1009)
      const cut = steps.length >> 1
      const nested = new Sequential(new Sequential(...steps.slice(0, cut)), new Sequential(...steps.slice(cut)))
      expect(nested.forward(7)).toBe(new Sequential(...steps).forward(7))
    },
  )

  test('its state has the path layers/<index>, and it survives split and merge', () => {
    const model = sequential(new Linear(2, 3, { rngs: new Rngs(0) }), relu, new Linear(3, 2, { rngs: new Rngs(1) }))
    const [graphdef, params] = split(model, Param)
    expect(Object.keys(params.layers)).toEqual(['0', '2'])
    expectClose(merge(graphdef, params).forward(ones([1, 2])), model.forward(ones([1, 2])).toArray())
  })

  test('modes reach the layers', () => {
    class Model extends Module {
      body = new Sequential(new Dropout(0.5))
      forward(x: Tensor): Tensor {
        return this.body.forward(x)
      }
    }
    const model = new Model()
    model.eval()
    expectClose(model.forward(ones([2])), [1, 1])
  })

  test('errors name the layer', () => {
    expect(() => new Sequential(relu, 3 as never)).toThrow(
      'Sequential: layer 1 must be a function or have a method `forward`, got 3',
    )
    const model = new Sequential<((x: Tensor) => Tensor)[]>(relu)
    model.layers[0] = {} as never
    expect(() => model.forward(ones([1]))).toThrow(
      'Sequential: layer 0 must be a function or have a method `forward`, got Object',
    )
  })
})
