import { Rngs } from '@linum/graph'
import { type FloatDType, Linear, promoteDtype, type PromoteDtype, type PromoteDtypeOptions } from '@linum/nn'
import { array, type DType, DtypeError, dotGeneral, ones, random, type Tensor } from '@linum/tensor'
import { expect, test } from 'vitest'
import { guarded, load, parity } from './fixture.js'

interface PromotionCase {
  readonly fn: string
  readonly operands: readonly (DType | null)[]
  readonly options: PromoteDtypeOptions
  readonly expect: readonly (DType | null)[]
}

parity('promotion', load<PromotionCase>(import.meta.url, 'promote-dtype'), (c) =>
  guarded(async () => {
    const operands = c.operands.map((dtype) => (dtype === null ? null : ones([2], { dtype })))
    const got = promoteDtype(operands, c.options).map((x) => x?.dtype ?? null)
    return got.join() === c.expect.join()
      ? null
      : `${c.operands.join()} gave ${got.join()}, expected ${c.expect.join()}`
  }),
)

test('a dtype that is no float is refused unless asked for', () => {
  const dtype = 'int32'
  expect(() => promoteDtype([ones([2])], { dtype })).toThrow(
    new DtypeError("promoteDtype: dtype must be a float, got int32; use 'float32', 'bfloat16', 'float16' or 'float64'"),
  )
  expect(promoteDtype([ones([2])], { dtype, inexact: false })[0].dtype).toBe('int32')
})

test('random keys have no common dtype with numbers', () => {
  expect(() => promoteDtype([ones([2]), random.key(0)])).toThrow(DtypeError)
})

test('a layer has parameters of one dtype and computes in another', () => {
  const make = (options: { paramDtype?: FloatDType; dtype?: FloatDType | null }): readonly DType[] => {
    const layer = new Linear(2, 3, { ...options, rngs: new Rngs(0) })
    return [layer.kernel.value.dtype, layer.forward(ones([1, 2])).dtype]
  }
  expect(make({})).toEqual(['float32', 'float32'])
  expect(make({ paramDtype: 'bfloat16' })).toEqual(['bfloat16', 'float32'])
  expect(make({ dtype: 'float16' })).toEqual(['float32', 'float16'])
  expect(make({ paramDtype: 'float64', dtype: null })).toEqual(['float64', 'float64'])
})

test('a layer promotes and multiplies by functions of its own', () => {
  const seen: unknown[] = []
  const promote: PromoteDtype = (operands, options) => {
    seen.push(
      operands.map((x) => x?.dtype ?? null),
      options,
    )
    return promoteDtype(operands, { dtype: 'float16' })
  }
  const product: typeof dotGeneral = (a, b, options) => {
    seen.push(options)
    return dotGeneral(a, b, options).mul(2)
  }
  const layer = new Linear(2, 3, {
    useBias: false,
    promoteDtype: promote,
    dotGeneral: product,
    preferredElementType: 'float32',
    rngs: new Rngs(0),
  })
  const plain = new Linear(2, 3, { useBias: false, dtype: 'float16', rngs: new Rngs(0) })
  const x = array([[1, 2]])
  const y: Tensor = layer.forward(x)
  expect(y.dtype).toBe('float32')
  expect(y.astype('float16').toArray()).toEqual(plain.forward(x).mul(2).toArray())
  expect(seen).toEqual([
    ['float32', 'float32', null],
    { dtype: null },
    { contract: [[1], [0]], preferredElementType: 'float32' },
  ])
})
