import { fc, test } from '@fast-check/vitest'
import { Rngs } from '@linum/graph'
import { Conv, type ConvOptions, ConvTranspose, initializers } from '@linum/nn'
import { arange, array, concatenate, convGeneralDilated, ones, ShapeError, type Tensor, zeros } from '@linum/tensor'
import { vjp } from '@linum/autodiff'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const rngs = new Rngs(0)
const sums = { kernelInit: initializers.ones, useBias: false, rngs } as const
const line = arange(1, 6).reshape([1, 5, 1])
const flat = (y: Tensor): unknown => y.reshape([-1]).toArray()

describe('Conv', () => {
  test('each way to reach over the edges', () => {
    const sumOf = (padding: NonNullable<ConvOptions['padding']>): unknown =>
      flat(new Conv(1, 1, 3, { ...sums, padding }).forward(line))
    expect(sumOf('VALID')).toEqual([6, 9, 12])
    expect(sumOf('SAME')).toEqual([3, 6, 9, 12, 9])
    expect(sumOf('CIRCULAR')).toEqual([8, 6, 9, 12, 10])
    expect(sumOf('REFLECT')).toEqual([5, 6, 9, 12, 13])
    expect(sumOf('CAUSAL')).toEqual([1, 3, 6, 9, 12])
    expect(sumOf(1)).toEqual(sumOf('SAME'))
    expect(sumOf([[2, 0]])).toEqual(sumOf('CAUSAL'))
    expect(sumOf([1])).toEqual(sumOf('SAME'))
  })

  test('a causal convolution sees nothing of what comes later', () => {
    const layer = new Conv(2, 3, 3, { padding: 'CAUSAL', kernelDilation: 2, rngs })
    const x = arange(16).reshape([8, 2]).div(16)
    const changed = x.at('5:').set(9)
    expect(layer.forward(changed).slice('0:5').toArray()).toEqual(layer.forward(x).slice('0:5').toArray())
    expect(layer.forward(changed).slice('5:').toArray()).not.toEqual(layer.forward(x).slice('5:').toArray())
  })

  test('a circular convolution moves with its input', () => {
    const layer = new Conv(1, 2, 4, { padding: 'CIRCULAR', rngs })
    const turned = concatenate([line.slice(':', '2:'), line.slice(':', ':2')], { axis: 1 })
    const y = layer.forward(line)
    expectClose(layer.forward(turned), concatenate([y.slice(':', '2:'), y.slice(':', ':2')], { axis: 1 }).toArray())
  })

  test('groups of features do not see each other', () => {
    const layer = new Conv(4, 2, 2, { featureGroupCount: 2, rngs })
    const x = arange(12).reshape([3, 4]).div(12)
    const changed = x.at('...', '2:').set(5)
    expect(layer.forward(changed).slice('...', 0).toArray()).toEqual(layer.forward(x).slice('...', 0).toArray())
    expect(layer.kernel.shape).toEqual([2, 2, 2])
  })

  test('a mask takes weights away, and their gradients', () => {
    const layer = new Conv(1, 1, 3, { ...sums, padding: 'VALID', mask: array([1, 0, 1]).reshape([3, 1, 1]) })
    expect(flat(layer.forward(line))).toEqual([4, 6, 8])
  })

  test('any number of batch axes, and none, are kept', () => {
    const layer = new Conv(1, 2, [2, 2], { rngs })
    const x = arange(24).reshape([2, 1, 3, 4, 1]).div(24)
    const y = layer.forward(x)
    expect(y.shape).toEqual([2, 1, 3, 4, 2])
    expectClose(layer.forward(x.slice(1, 0)), y.slice(1, 0).toArray())
    expect(layer.forward(zeros([0, 3, 4, 1])).shape).toEqual([0, 3, 4, 2])
  })

  test('a convolution of the caller takes its place', () => {
    const twice: typeof convGeneralDilated = (x, k, ...rest) => convGeneralDilated(x, k, ...rest).mul(2)
    const layer = new Conv(1, 1, 3, { ...sums, convGeneralDilated: twice })
    expect(flat(layer.forward(line))).toEqual([6, 12, 18, 24, 18])
  })

  const size = fc.integer({ min: 1, max: 4 })
  test.prop([size, size, fc.constantFrom('SAME', 'CIRCULAR', 'REFLECT' as const)], { numRuns: 20 })(
    'those that pad give extent / stride, rounded up',
    (k, stride, padding) => {
      const y = new Conv(1, 1, k, { ...sums, padding, strides: stride }).forward(zeros([7, 1]))
      expect(y.shape).toEqual([Math.ceil(7 / stride), 1])
    },
  )

  test('errors name the layer, the option, and what was got', () => {
    const make =
      (options: object, kernel: number | number[] = [3, 3]) =>
      () =>
        new Conv(2, 4, kernel, { rngs, ...options })
    expect(make({ padding: 'FULL' })).toThrow(
      new RangeError(
        'Conv: padding must be one of SAME, SAME_LOWER, VALID, CIRCULAR, REFLECT, CAUSAL, an integer, or an integer or a pair of them for each of 2 spatial axes, got "FULL"',
      ),
    )
    expect(make({ padding: [1] })).toThrow('for each of 2 spatial axes, got [1]')
    expect(make({ padding: [[1, 2, 3], 0] })).toThrow('got [[1,2,3],0]')
    expect(make({ padding: 'CAUSAL' })).toThrow('Conv: Causal padding is only implemented for 1D convolutions')
    expect(make({ inputDilation: 2 })).toThrow(
      "Conv: padding 'SAME' has no meaning with inputDilation [2, 2]; give numbers",
    )
    expect(make({ strides: [1, 2, 3] })).toThrow(
      new ShapeError('Conv: strides must be a number or have one for each of 2 spatial axes, got [1,2,3]'),
    )
    expect(make({ strides: 0 })).toThrow('Conv: strides must be a positive integer, got 0')
    expect(make({ kernelDilation: 1.5 })).toThrow('Conv: kernelDilation must be a positive integer, got 1.5')
    expect(make({ featureGroupCount: 3 })).toThrow(
      'Conv: featureGroupCount must divide inFeatures and outFeatures, got 3 for 2 and 4',
    )
    expect(make({ mask: ones([3, 3, 2]) })).toThrow(
      new ShapeError('Conv: mask must have the shape of the kernel, (3, 3, 2, 4), got (3, 3, 2)'),
    )
    expect(make({}, [0, 3])).toThrow('Conv: kernelSize must be a positive integer, got 0')
    expect(make({ dtype: 'int32' })).toThrow('Conv: dtype must be a float dtype, got "int32"')
    const layer = make({ padding: 'REFLECT' })()
    expect(() => layer.forward(ones([1, 4, 4, 3]))).toThrow(
      new ShapeError('Conv.forward: the last axis of x must be 2 (inFeatures), got shape (1, 4, 4, 3)'),
    )
    expect(() => layer.forward(ones([4, 2]))).toThrow(
      'Conv.forward: x must have 2 spatial axes before that of features, got shape (4, 2)',
    )
    expect(() => layer.forward(ones([1, 0, 4, 2]))).toThrow("Conv.forward: padding 'REFLECT' needs elements along all")
  })
})

describe('ConvTranspose', () => {
  test('extents grow by the strides', () => {
    const extent = (padding: 'SAME' | 'VALID' | 'CIRCULAR'): number | undefined =>
      new ConvTranspose(1, 1, 3, { ...sums, padding, strides: 2 }).forward(line).shape[1]
    expect([extent('SAME'), extent('VALID'), extent('CIRCULAR')]).toEqual([10, 11, 10])
  })

  test('with the kernel of a convolution it is that convolution, transposed', () => {
    for (const [padding, strides, k] of [
      ['SAME', 1, 3],
      ['VALID', 2, 3],
      ['CIRCULAR', 2, 4],
      ['CIRCULAR', 1, 3],
    ] as const) {
      const conv = new Conv(2, 3, k, { padding, strides, useBias: false, rngs })
      const back = new ConvTranspose(3, 2, k, { padding, strides, transposeKernel: true, useBias: false, rngs })
      back.kernel = conv.kernel
      const x = arange(16).reshape([1, 8, 2]).div(16)
      const [y, pull] = vjp((t: Tensor) => conv.forward(t), [x])
      const gradient = (pull(y) as readonly Tensor[])[0]!
      const n = Math.min(8, back.forward(y).shape[1]!)
      expectClose(back.forward(y).slice(':', `0:${n}`), gradient.slice(':', `0:${n}`).toArray(), 1e-4, 1e-5)
    }
  })

  test('errors name the layer, the option, and what was got', () => {
    const make = (options: object) => () => new ConvTranspose(2, 4, 3, { rngs, ...options })
    expect(make({ padding: 'REFLECT' })).toThrow(
      'ConvTranspose: padding must be one of SAME, VALID, CIRCULAR, an integer, or an integer or a pair of them for each of 1 spatial axes, got "REFLECT"',
    )
    expect(make({ strides: [1, 1] })).toThrow(
      'ConvTranspose: strides must be a number or have one for each of 1 spatial',
    )
    expect(make({ mask: ones([3, 4, 2]) })).toThrow('ConvTranspose: mask must have the shape of the kernel, (3, 2, 4)')
    expect(() => make({})().forward(ones([1, 4, 3]))).toThrow(
      'ConvTranspose.forward: the last axis of x must be 2 (inFeatures), got shape (1, 4, 3)',
    )
  })
})
