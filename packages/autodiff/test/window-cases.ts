import { array } from '@linum/tensor'
import type { ConvParams, PrimitiveParams, WindowParams, Windows } from '@linum/tensor/core'
import type { Case, Reals } from './primitive-cases.js'

type Convolution = PrimitiveParams['conv_general_dilated']

const reals = (shape: readonly number[]): Reals => ({ shape, from: -2, to: 2 })

const convolution = (
  x: readonly number[],
  kernel: readonly number[],
  options: Partial<Convolution> = {},
): Case<Convolution> => {
  const ones = x.slice(2).map(() => 1)
  const padding = ones.map(() => [0, 0] as const)
  const params = { strides: ones, padding, lhsDilation: ones, rhsDilation: ones, groups: 1, batchGroups: 1, ...options }
  return { operands: [reals(x), reals(kernel)], params }
}

const windows = (window: readonly number[], options: Partial<Windows> = {}): Windows => {
  const ones = window.map(() => 1)
  const padding = ones.map(() => [0, 0] as const)
  return { window, strides: ones, padding, baseDilation: ones, windowDilation: ones, ...options }
}

const reductions = (op: 'sum' | 'max' | 'min'): readonly Case<PrimitiveParams['reduce_window']>[] => [
  { operands: [reals([5])], params: { op, ...windows([2]) } },
  { operands: [reals([4])], params: { op, ...windows([3], { strides: [2], padding: [[1, 1]] }) } },
  {
    operands: [reals([3, 4])],
    params: {
      op,
      ...windows([2, 1], {
        strides: [1, 2],
        padding: [
          [0, 1],
          [0, 0],
        ],
      }),
    },
  },
  { operands: [reals([3, 2])], params: { op, ...windows([2, 2], { baseDilation: [2, 1] }) } },
  { operands: [reals([5])], params: { op, ...windows([2], { windowDilation: [3], padding: [[2, -1]] }) } },
  { operands: [reals([])], params: { op, ...windows([]) } },
]

/** Cases of the primitives that walk windows. */
export const windowCases: {
  readonly [K in keyof (ConvParams & WindowParams)]: readonly Case<PrimitiveParams[K]>[]
} = {
  conv_general_dilated: [
    convolution([2, 4, 2], [3, 2, 2], { padding: [[1, 1]] }),
    convolution([1, 5, 1], [2, 1, 3], { strides: [2], padding: [[1, 0]] }),
    convolution([1, 4, 1], [2, 1, 1], { padding: [[-1, 2]], rhsDilation: [2] }),
    convolution([2, 2, 1], [2, 1, 1], { padding: [[1, 1]], lhsDilation: [2], strides: [2] }),
    convolution([1, 3, 4], [2, 2, 2], { groups: 2 }),
    convolution([1, 3, 3], [2, 1, 3], { groups: 3 }),
    convolution([4, 3, 2], [2, 2, 4], { batchGroups: 2 }),
    convolution([1, 3, 3, 1], [2, 2, 1, 2], {
      strides: [1, 2],
      padding: [
        [1, 0],
        [0, 1],
      ],
    }),
    convolution([1, 2, 2, 2, 1], [2, 1, 2, 1, 1], {
      padding: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    }),
    convolution([2, 3], [3, 2]),
  ],
  reduce_window: [...reductions('sum'), ...reductions('max'), ...reductions('min')],
  window_argument: [
    { operands: [array([1, 3, 2, 3, 3]), array([3, 3, 2, 3])], params: windows([2]) },
    {
      operands: [
        array([
          [1, 5],
          [5, 2],
        ]),
        array([[5, 5, 4]]),
      ],
      params: windows([2, 2], {
        padding: [
          [0, 0],
          [1, 1],
        ],
      }),
    },
  ],
}
