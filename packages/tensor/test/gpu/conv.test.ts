import { fc, test } from '@fast-check/vitest'
import { DeviceError, type TypedArray } from '@linum/tensor'
import { describe, expect } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { decoded } from '../../src/core/host.js'
import { finfo } from '../../src/core/limits.js'
import { convArithmetic } from '../../src/device/gpu/webgpu/conv/arithmetic.js'
import { directConv } from '../../src/device/gpu/webgpu/conv/direct.js'
import { emitConv } from '../../src/device/gpu/webgpu/conv/emit-conv.js'
import { convGeometry } from '../../src/device/gpu/webgpu/conv/geometry.js'
import { tiles } from '../../src/device/gpu/webgpu/conv/method.js'
import { type Tile, tiledConv } from '../../src/device/gpu/webgpu/conv/tiled.js'
import type { ConvPlan } from '../../src/program/conv-plan.js'
import { cases, type ConvCase, expected, planOf, samples, sizesOf, spreadCases } from '../conv-cases.js'
import { emit, run, runCode } from './run-conv.js'

const dtypes = [
  'float32',
  'float16',
  'bfloat16',
  'int8',
  'int16',
  'int32',
  'uint8',
  'uint16',
  'uint32',
] as const satisfies readonly StoredDType[]

interface Operands {
  readonly plan: ConvPlan
  readonly x: TypedArray
  readonly kernel: TypedArray
  readonly size: number
}

const operands = (c: ConvCase, dtype: StoredDType, spread = 0): Operands => {
  const plan = planOf(c)
  const [xs, ks, size] = sizesOf(plan, c)
  return { plan, x: samples(dtype, xs, 1, spread), kernel: samples(dtype, ks, 2, spread), size }
}

const computed = ({ plan, x, kernel, size }: Operands, dtype: StoredDType): Promise<TypedArray> =>
  run(plan, dtype, x, kernel, size)

const reference = ({ plan, x, kernel, size }: Operands, dtype: StoredDType): TypedArray =>
  expected(plan, dtype, x, kernel, size)

/** A convolution of float32 in tiles of one kind, or without result by result. */
const either = ({ plan, x, kernel, size }: Operands, tile: Tile | null): Promise<TypedArray> => {
  const geometry = convGeometry(plan)
  const whole = { splits: 1, chunk: geometry.terms }
  const arithmetic = convArithmetic('float32')
  const code =
    tile === null ? directConv(geometry, arithmetic, whole, 2) : tiledConv(geometry, arithmetic, tile, whole, 2)
  return runCode({ dispatches: [code], temporaries: [] }, 'float32', x, kernel, size)
}

/** The greatest difference between results, as a share of what rounding may do to sums of so many terms. */
const error = async (o: Operands, dtype: StoredDType): Promise<number> => {
  const got = decoded(dtype, await computed(o, dtype))
  const want = decoded(dtype, reference(o, dtype))
  const terms = o.kernel.length / Math.max(1, o.plan.n * o.plan.groups)
  const rounding = dtype === 'float32' ? 0 : finfo(dtype).eps
  let worst = 0
  for (let i = 0; i < want.length; i++) {
    const allowed = Math.abs(want[i]!) * rounding + finfo('float32').eps * (1 + 6 * Math.sqrt(terms))
    worst = Math.max(worst, Math.abs(got[i]! - want[i]!) / allowed)
  }
  return worst
}

function side(input: number, window: number, pad: number): ConvCase['space'][number] {
  return { input, window, padding: [pad, pad] }
}

const spread = (input: number): ConvCase['space'][number] => ({ input, window: 3, padding: [1, 2], lhsDilation: 2 })

const layers: readonly (readonly [string, ConvCase])[] = [
  ['a layer', { batch: 2, features: 8, n: 33, space: [side(9, 3, 1), side(8, 3, 1)] }],
  ['its kernel gradient', { batch: 9, features: 4, n: 33, space: [side(20, 20, 1), side(8, 8, 1)], order: [3, 3] }],
  ['the input gradient of a strided layer', { batch: 2, features: 16, n: 20, space: [spread(5), spread(4)] }],
  ['a depthwise layer', { batch: 2, features: 1, n: 1, groups: 30, space: [side(9, 3, 1), side(8, 3, 1)] }],
  [
    'its kernel gradient',
    { batch: 1, features: 3, n: 1, batchGroups: 30, space: [side(12, 12, 1), side(9, 9, 1)], order: [3, 3] },
  ],
  ['many features in one place', { batch: 9, features: 700, n: 40, space: [] }],
  ['a long signal', { batch: 1, features: 2, n: 9, space: [{ input: 300, window: 40, stride: 3 }] }],
]

describe.each(layers)('%s', (_, c) => {
  test('is what float64 sums round to', async () => {
    expect(await error(operands(c, 'float32', 1), 'float32')).toBeLessThan(1)
  })
})

describe('convolutions of small whole numbers are exact', () => {
  test.prop([fc.oneof(cases, spreadCases), fc.constantFrom(null, ...tiles)], { numRuns: 30 })(
    'in tiles and result by result, whatever their geometry',
    async (c, tile) => {
      const o = operands(c, 'float32')
      if (o.size > 0) expect(await either(o, tile)).toEqual(reference(o, 'float32'))
    },
  )

  test.prop([cases, fc.constantFrom(...dtypes)], { numRuns: 25 })('in every dtype', async (c, dtype) => {
    const o = operands(c, dtype)
    expect(await computed(o, dtype)).toEqual(reference(o, dtype))
  })
})

test.each(['float16', 'bfloat16', 'int8', 'uint16'] as const)(
  'split sums are rounded or wrapped once in %s',
  async (dtype) => {
    const c: ConvCase = { batch: 3, features: 700, n: 5, space: [] }
    expect(emit(planOf(c), dtype).dispatches).toHaveLength(2)
    const o = operands(c, dtype)
    expect(await computed(o, dtype)).toEqual(reference(o, dtype))
  },
)

test('a kernel gradient is divided among workgroups', () => {
  const code = emit(planOf(layers[1]![1]), 'float32')
  expect(code.dispatches).toHaveLength(2)
  expect(code.dispatches[0]!.groups).toBeGreaterThan(4)
})

test('layers of one rank share their shaders', () => {
  const [a, b] = [3, 5].map((window) =>
    emit(planOf({ batch: 4, features: 16, n: 64, space: [side(16, window, 1), side(16, window, 2)] }), 'float32'),
  )
  expect(a!.dispatches[0]!.shader).toEqual(b!.dispatches[0]!.shader)
})

test('the zeros between the elements of a spread operand cost no terms', () => {
  const { phases, terms } = convGeometry(planOf(layers[2]![1]))
  expect([phases, terms]).toEqual([4, 16 * 2 * 2])
})

test('the zeros of padding make infinities of the kernel NaN', async () => {
  const o = operands({ batch: 1, features: 1, n: 1, space: [side(3, 3, 1)] }, 'float32')
  o.kernel[0] = Infinity
  expect((await computed(o, 'float32'))[0]).toBeNaN()
  expect((await either(o, tiles[0]!))[0]).toBeNaN()
})

test('sums of no terms are 0', async () => {
  const o = operands({ batch: 2, features: 0, n: 3, space: [side(4, 2, 0)] }, 'float32')
  expect([...(await computed(o, 'float32'))]).toEqual(Array.from({ length: 18 }, () => 0))
})

test('nothing is computed where there are no results', () => {
  const plan = planOf({ batch: 0, features: 2, n: 3, space: [side(4, 2, 0)] })
  expect(emit(plan, 'float32')).toEqual({ dispatches: [], temporaries: [] })
})

test('operands of different dtypes, of bool and of float64 are refused', () => {
  const plan = planOf({ batch: 1, features: 1, n: 1, space: [] })
  const emitting = (inputs: readonly StoredDType[], output: StoredDType) => (): unknown =>
    emitConv(plan, { inputs, output })
  expect(emitting(['float32', 'int32'], 'float32')).toThrow(DeviceError)
  expect(emitting(['float64', 'float64'], 'float64')).toThrow(/one number dtype but float64, got float64/)
  expect(emitting(['bool', 'bool'], 'bool')).toThrow(DeviceError)
})
