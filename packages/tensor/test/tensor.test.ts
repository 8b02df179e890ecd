import { fc, test } from '@fast-check/vitest'
import { inspect } from 'node:util'
import {
  arange,
  array,
  ArrayOps,
  DeviceError,
  eye,
  jit,
  matmul,
  ones,
  random,
  Tensor,
  TraceError,
  zeros,
} from '@linum/tensor'
import { addDevice, defaultDevice, JsDevice } from '@linum/tensor/core'
import { afterAll, describe, expect } from 'vitest'

class Second extends JsDevice {
  override readonly name = 'second'
}
afterAll(addDevice(new Second()))
const initial = defaultDevice().name

describe('properties', () => {
  test('say shape, dtype, size and device', () => {
    const x = zeros([2, 3], { dtype: 'int32' })
    expect([x.shape, x.dtype, x.ndim, x.size, x.weak, x.device]).toEqual([[2, 3], 'int32', 2, 6, false, initial])
    expect([array(1).ndim, array(1).size, array([]).size]).toEqual([0, 1, 0])
  })

  test('T reverses the axes, mT the last two', () => {
    const x = arange(24).reshape([2, 3, 4])
    expect(x.T.shape).toEqual([4, 3, 2])
    expect(x.mT.shape).toEqual([2, 4, 3])
    expect(
      array([
        [1, 2],
        [3, 4],
      ]).T.toArray(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ])
  })
})

describe('reading', () => {
  test('data, dataSync, toArray and item give the elements', async () => {
    const x = array([
      [1, 2],
      [3, 4],
    ])
    expect(await x.data()).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(x.dataSync()).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(x.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(array(5).item()).toBe(5)
    expect(array([[5]]).item()).toBe(5)
    expect(array(5).toArray()).toBe(5)
    expect(zeros([2, 0]).toArray()).toEqual([[], []])
  })

  test('keeps each dtype: bool as booleans, or as 0 and 1 in bytes', () => {
    const x = array([[true, false]])
    expect(x.toArray()).toEqual([[true, false]])
    expect(x.dataSync()).toEqual(Uint8Array.of(1, 0))
    expect(array(true).item()).toBe(true)
    expect(array([1], { dtype: 'int32' }).dataSync()).toEqual(Int32Array.of(1))
    expect(array([1], { dtype: 'uint32' }).dataSync()).toEqual(Uint32Array.of(1))
    expect(random.key(7).dataSync()).toEqual(Uint32Array.of(0, 7))
    expect(random.key(7).toArray()).toEqual([0, 7])
    expect(random.wrapKeyData(array(Uint32Array.of(1, 2, 3, 4)).reshape([2, 2])).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('hands out copies, so that a tensor never changes', async () => {
    const x = array([1, 2])
    x.dataSync()[0] = 99
    ;(await x.data())[1] = 99
    const source = Float32Array.of(1, 2)
    const y = array(source)
    source[0] = 99
    expect([x.toArray(), y.toArray()]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('item needs exactly one element that is a number', () => {
    expect(() => array([1, 2]).item()).toThrow(
      new TypeError('item: only a tensor of one element is a scalar, got shape (2,); use toArray() or data()'),
    )
    expect(() => zeros([0]).item()).toThrow(TypeError)
    expect(() => random.key(0).item()).toThrow(
      new TypeError('item: a random key is no number; use random.keyData(key)'),
    )
  })

  test.prop([fc.array(fc.float({ noDefaultInfinity: false }), { maxLength: 8 })])('gives back every float32', (xs) => {
    expect(array(xs).toArray()).toEqual(xs)
    expect(Array.from(array(Float32Array.from(xs)).dataSync())).toEqual(xs)
  })
  test.prop([fc.array(fc.integer(), { maxLength: 8 })])('gives back every int32', (xs) => {
    expect(array(xs, { dtype: 'int32' }).toArray()).toEqual(xs)
  })
})

describe('a tensor is no number', () => {
  const message = 'operators do not apply to tensors; use x.add(y), x.mul(y), x.less(y) ..., or x.item() for a number'

  test('so operators are refused with what to write', () => {
    const x = array([1, 2]) as unknown as number
    expect(() => x + 1).toThrow(new TypeError(message))
    expect(() => x * 2).toThrow(new TypeError(message))
    expect(() => x < 2).toThrow(new TypeError(message))
    expect(() => (array(1) as unknown as number) + 1).toThrow(new TypeError(message))
  })

  test('but one element converts where a number is asked for', () => {
    expect(Number(array(3))).toBe(3)
    expect(Math.max(array([2]) as unknown as number, 1)).toBe(2)
    expect(Number(array(true))).toBe(1)
    expect(() => Number(random.key(0))).toThrow(TypeError)
  })

  test('and every tensor converts to text', () => {
    expect(`${array([1, 2])}`).toBe('[1. 2.]')
    expect('x = '.concat(array(3) as unknown as string)).toBe('x = 3.0')
    expect(inspect(array([1, 2]))).toBe('[1. 2.]')
  })

  test('it is no Promise: awaiting it gives the tensor', async () => {
    const x = array([1])
    expect('then' in x).toBe(false)
    expect(await (x as unknown as Promise<Tensor>)).toBe(x)
  })
})

describe('moving', () => {
  test('to its own device gives the tensor itself', () => {
    const x = array([1, 2])
    expect(x.to(initial)).toBe(x)
  })

  test('to another device copies elements and keeps the type', () => {
    const x = array(3)
    const y = x.to('second')
    expect([y.device, y.dtype, y.weak, y.item()]).toEqual(['second', 'float32', true, 3])
    expect(array([true]).to('second').toArray()).toEqual([true])
    expect(random.key(5).to('second').toArray()).toEqual([0, 5])
    expect(y.to(x.device!).add(x).item()).toBe(6)
  })

  test('to a device that does not exist names those that do', () => {
    expect(() => array([1]).to('tpu')).toThrow(DeviceError)
    expect(() => array([1]).to('tpu')).toThrow("to: unknown device 'tpu'; available here: js, wasm, second")
  })

  test('is needed before tensors of two devices meet', () => {
    const [x, y] = [array([1, 2]), array([3, 4], { device: 'second' })]
    expect(() => x.add(y)).toThrow(
      new DeviceError(
        `add: tensors are on different devices, got '${initial}' and 'second'; move one with x.to('${initial}')`,
      ),
    )
    expect(() => matmul(y, x)).toThrow(
      `dot_general: tensors are on different devices, got 'second' and '${initial}'; move one with x.to('second')`,
    )
    expect(x.to('second').add(y).toArray()).toEqual([4, 6])
    expect(y.add(1).device).toBe('second')
    expect(array(y, { device: 'js' }).device).toBe('js')
  })
})

describe('disposing', () => {
  test('frees a tensor: using it afterwards throws, printing it does not', async () => {
    const x = ones([2, 3])
    x[Symbol.dispose]()
    const message = 'tensor: its memory is gone, it was disposed; keep using the value that replaced it'
    expect(() => x.add(1)).toThrow(new TraceError(message))
    expect(() => x.toArray()).toThrow(new TraceError(message))
    await expect(x.data()).rejects.toThrow(message)
    expect(String(x)).toBe('Tensor(f32[2,3], disposed)')
    expect(x.shape).toEqual([2, 3])
  })

  test('twice is the same as once', () => {
    const x = ones([2])
    x[Symbol.dispose]()
    expect(() => x[Symbol.dispose]()).not.toThrow()
  })

  test('happens at the end of a block that says using', () => {
    let kept: Tensor
    {
      using x = ones([2])
      kept = x
      expect(x.add(1).toArray()).toEqual([2, 2])
    }
    expect(() => kept.add(1)).toThrow(TraceError)
  })

  test('leaves numbers as they were: a result that is a literal frees nothing shared', () => {
    jit((x: Tensor) => x)(12.5 as unknown as Tensor)[Symbol.dispose]()
    array([1]).mul(0)
    expect(array([2]).add(12.5).toArray()).toEqual([14.5])
  })

  test('a tracer does nothing', () => {
    expect(
      jit((x: Tensor) => {
        x[Symbol.dispose]()
        return x.add(1)
      })(array([1])).toArray(),
    ).toEqual([2])
  })
})

describe('ArrayOps', () => {
  /** What a Variable is to this package: something that stands for a tensor. */
  class Holder extends ArrayOps {
    value: Tensor
    constructor(value: Tensor) {
      super()
      this.value = value
    }
    override asTensor(): Tensor {
      return this.value
    }
  }

  test('gives every method and property to what stands for a tensor', async () => {
    const h = new Holder(
      array([
        [1, 2],
        [3, 4],
      ]),
    )
    expect([h.shape, h.dtype, h.ndim, h.size, h.weak, h.device]).toEqual([[2, 2], 'float32', 2, 4, false, initial])
    expect(h.add(1).mul(h).toArray()).toEqual([
      [2, 6],
      [12, 20],
    ])
    expect(h.T.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(h.mT.shape).toEqual([2, 2])
    expect(h.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(h.dataSync()).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(await h.data()).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(new Holder(array(2)).item()).toBe(2)
    expect(h.to('second').device).toBe('second')
  })

  test('is accepted wherever a tensor is', () => {
    const h = new Holder(array([1, 2]))
    expect(eye(2).matmul(h).toArray()).toEqual([1, 2])
    expect(jit((x: Tensor) => x.add(h))(array([1, 1])).toArray()).toEqual([2, 3])
    expect(jit((x: Holder) => x.mul(2))(h).toArray()).toEqual([2, 4])
    expect(array([h, h]).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('sees a new value as soon as it is held', () => {
    const h = new Holder(array([1]))
    expect(h.add(1).toArray()).toEqual([2])
    h.value = array([5])
    expect(h.add(1).toArray()).toEqual([6])
  })

  test('has a method for every function whose first argument is a tensor, named alike', () => {
    const x = array([1, 4])
    const methods = new Set(Object.getOwnPropertyNames(ArrayOps.prototype))
    expect(
      [
        'add',
        'sub',
        'exp',
        'sum',
        'mean',
        'var',
        'reshape',
        'slice',
        'take',
        'matmul',
        'sort',
        'softmax',
        'relu',
        'astype',
      ].filter((m) => !methods.has(m)),
    ).toEqual([])
    expect(x.sqrt.name).toBe('sqrt')
    expect(x.sqrt().toArray()).toEqual([1, 2])
  })
})
