import { convGeneralDilated, convTranspose, einsum, reduceWindow, type Tensor } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const x: Tensor

test('products of windows take what they know by name', () => {
  expectTypeOf(
    convGeneralDilated(x, x, [1, 1], 'SAME', { dimensionNumbers: ['NHWC', 'HWIO', 'NHWC'] }),
  ).toEqualTypeOf<Tensor>()
  expectTypeOf(convGeneralDilated(x, x, 2, [[0, 1]], { groups: 2, rhsDilation: [2] })).toEqualTypeOf<Tensor>()
  expectTypeOf(reduceWindow(x, 'max', [2, 2], 2, 'VALID')).toEqualTypeOf<Tensor>()
  expectTypeOf(einsum('ij,j->i', x, 2)).toEqualTypeOf<Tensor>()
  // @ts-expect-error no such padding
  convGeneralDilated(x, x, 1, 'FULL')
  // @ts-expect-error a pair has two ends
  convGeneralDilated(x, x, 1, [[1]])
  // @ts-expect-error three layouts: operand, kernel and result
  convGeneralDilated(x, x, 1, 'SAME', { dimensionNumbers: ['NHWC', 'HWIO'] })
  // @ts-expect-error transposed convolutions have no lower padding
  convTranspose(x, x, 1, 'SAME_LOWER')
  // @ts-expect-error no such operation
  reduceWindow(x, 'mean', [2], 1, 'VALID')
})
