import * as np from '@linum/tensor'
import type {
  ArrayOps,
  Index,
  DType,
  NestedNumbers,
  ReduceOptions,
  Tensor,
  TensorLike,
  TypedArray,
} from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

declare const x: Tensor
declare const held: ArrayOps
declare const like: TensorLike

test('every function is a method without its first parameter', () => {
  expectTypeOf(x.add).toEqualTypeOf<(y: TensorLike) => Tensor>()
  expectTypeOf(x.exp).toEqualTypeOf<() => Tensor>()
  expectTypeOf(x.clip).parameters.toEqualTypeOf<[lo: TensorLike | null, hi: TensorLike | null]>()
  expectTypeOf(x.matmul).parameter(0).toEqualTypeOf<TensorLike>()
  expectTypeOf(x.sum).parameter(0).toExtend<ReduceOptions | undefined>()
  expectTypeOf(x.astype).parameter(0).toEqualTypeOf<DType>()
  expectTypeOf(x.slice).parameters.toEqualTypeOf<Index[]>()
  expectTypeOf(x.reshape([2, -1]).transpose([1, 0]).sum({ axis: 0, keepdims: true })).toEqualTypeOf<Tensor>()
  expectTypeOf(x.var({ ddof: 1 })).toEqualTypeOf<Tensor>()
  expectTypeOf(x.T.mT).toEqualTypeOf<Tensor>()
})

test('what stands for a tensor has the same methods and is accepted everywhere', () => {
  expectTypeOf(held.add(held).softmax()).toEqualTypeOf<Tensor>()
  expectTypeOf(np.add).toBeCallableWith(held, 1)
  expectTypeOf(np.matmul).toBeCallableWith(x, held)
  expectTypeOf(held.asTensor()).toEqualTypeOf<Tensor>()
  expectTypeOf(held.data()).toEqualTypeOf<Promise<TypedArray>>()
})

test('a number, a boolean, a tensor and what stands for one are TensorLike, and nothing else', () => {
  expectTypeOf<number>().toExtend<TensorLike>()
  expectTypeOf<boolean>().toExtend<TensorLike>()
  expectTypeOf<Tensor>().toExtend<TensorLike>()
  expectTypeOf<ArrayOps>().toExtend<TensorLike>()
  expectTypeOf<string>().not.toExtend<TensorLike>()
  expectTypeOf<number[]>().not.toExtend<TensorLike>()
  expectTypeOf<null>().not.toExtend<TensorLike>()
  expectTypeOf(np.where(like, 1, true)).toEqualTypeOf<Tensor>()
})

test('options are checked', () => {
  // @ts-expect-error axis is a number or numbers
  x.sum({ axis: 'rows' })
  // @ts-expect-error keepdims is the name
  x.sum({ keepDims: true })
  // @ts-expect-error a dtype is one of a few names
  np.zeros([2], { dtype: 'float' })
  // @ts-expect-error a shape is an array
  np.zeros(2, 3)
  // @ts-expect-error a method drops the first parameter
  x.add(x, x)
  // @ts-expect-error modes have names
  np.take(x, 0, { mode: 'raise' })
  // @ts-expect-error there is no operator, and no such method
  x.plus(1)
})

test('reading gives what the names say', () => {
  expectTypeOf(x.item()).toEqualTypeOf<number | boolean>()
  expectTypeOf(x.toArray()).toEqualTypeOf<NestedNumbers>()
  expectTypeOf(x.dataSync()).toEqualTypeOf<TypedArray>()
  expectTypeOf(x.shape).toEqualTypeOf<readonly number[]>()
  expectTypeOf(x.dtype).toEqualTypeOf<DType>()
  expectTypeOf(x.device).toEqualTypeOf<string | null>()
  expectTypeOf(x).not.toHaveProperty('then')
  expectTypeOf<Tensor>().toExtend<Disposable>()
})

test('array takes nested numbers, typed arrays and tensors', () => {
  expectTypeOf(np.array).toBeCallableWith([
    [1, 2],
    [3, 4],
  ])
  expectTypeOf(np.array).toBeCallableWith([x, [1, true]])
  expectTypeOf(np.array).toBeCallableWith(Float64Array.of(1), { dtype: 'int32' })
  // @ts-expect-error text is no data
  np.array(['1'])
})

test('functions with several results say how many', () => {
  expectTypeOf(np.split(x, 2)).toEqualTypeOf<Tensor[]>()
  expectTypeOf(np.broadcastArrays(x, 1)).toEqualTypeOf<Tensor[]>()
})
