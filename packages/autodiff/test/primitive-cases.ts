import { array, type Tensor } from '@linum/tensor'
import type { PrimitiveName, PrimitiveParams } from '@linum/tensor/core'
import { windowCases } from './window-cases.js'

/** Random reals of a shape between two bounds: distinct, away from integers and halves, and never those of another operand. */
export interface Reals {
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

export interface Case<P> {
  /** Operands: random reals, or tensors through which no derivative flows. */
  readonly operands: readonly (Reals | Tensor)[]
  readonly params: P
}

/** What keeps a primitive from having operands to differentiate, or that its derivative is tested on its own. */
export type Exempt = 'integers only' | 'bool only' | 'keys only' | 'no operands' | 'on its own'

type Cases = { readonly [K in PrimitiveName]: readonly Case<PrimitiveParams[K]>[] | Exempt }

const reals = (shape: readonly number[], from = -2, to = 2): Reals => ({ shape, from, to })
const ints = (data: readonly unknown[]): Tensor => array(data as never, { dtype: 'int32' })
const start = (at: number): Tensor => array(at, { dtype: 'int32' })
const bools = (data: readonly unknown[]): Tensor => array(data as never, { dtype: 'bool' })

const shapes: readonly (readonly number[])[] = [[], [3], [2, 1, 2]]
const unary = (from = -2, to = 2): readonly Case<null>[] =>
  shapes.map((s) => ({ operands: [reals(s, from, to)], params: null }))

const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[3], [3]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [2, 2]],
  [[1, 1], [2]],
  [
    [2, 3],
    [2, 1],
  ],
]
const binary = (
  left: readonly [number, number] = [-2, 2],
  right: readonly [number, number] = left,
): readonly Case<null>[] => pairs.map(([a, b]) => ({ operands: [reals(a, ...left), reals(b, ...right)], params: null }))

const axes = (
  ...list: readonly (readonly [shape: readonly number[], axes: readonly number[]])[]
): readonly Case<PrimitiveParams['reduce_sum']>[] =>
  list.map(([shape, axes]) => ({ operands: [reals(shape)], params: { axes } }))
const reduce = axes(
  [[4], [0]],
  [[2, 3], [0]],
  [[2, 3], [1]],
  [
    [2, 2, 2],
    [0, 2],
  ],
  [
    [2, 3],
    [0, 1],
  ],
  [[3, 1], [1]],
)
const compare: readonly Case<null>[] = [{ operands: [reals([2, 3]), reals([3])], params: null }]
const extremes: readonly Case<PrimitiveParams['argmax']>[] = [{ operands: [reals([2, 3])], params: { axis: 1 } }]

/** Every primitive, so that a new one does not compile without an entry. */
export const cases: Cases = {
  exp: unary(),
  expm1: unary(),
  log: unary(0.3, 4),
  log1p: unary(-0.7, 3),
  logistic: unary(-4, 4),
  sqrt: unary(0.3, 4),
  rsqrt: unary(0.3, 4),
  sin: unary(),
  cos: unary(),
  tanh: unary(),
  erf: unary(),
  erf_inv: unary(-0.9, 0.9),
  exp2: unary(),
  tan: unary(-1, 1),
  sinh: unary(),
  cosh: unary(),
  asin: unary(-0.8, 0.8),
  acos: unary(-0.8, 0.8),
  atan: unary(),
  asinh: unary(),
  acosh: unary(1.3, 4),
  atanh: unary(-0.8, 0.8),
  cbrt: unary(0.4, 4),
  erfc: unary(),
  floor: unary(),
  ceil: unary(),
  round: unary(),
  neg: unary(),
  abs: unary(),
  sign: unary(),
  stop_gradient: 'on its own',
  jit: 'on its own',
  scan: 'on its own',
  cond: 'on its own',
  while: 'on its own',
  checkpoint: 'on its own',
  custom_jvp: 'on its own',
  custom_vjp: 'on its own',
  psum: 'on its own',
  pmax: 'on its own',
  pmin: 'on its own',
  all_gather: 'on its own',
  axis_index: 'no operands',
  debug_callback: 'on its own',
  optimization_barrier: [{ operands: [reals([3]), reals([]), ints([1, 2])], params: null }],
  checkpoint_name: [{ operands: [reals([3])], params: { name: 'kept' } }],
  routine: 'on its own',
  add: binary(),
  sub: binary(),
  mul: binary(),
  div: binary([-2, 2], [0.4, 3]),
  rem: binary([-2, 2], [0.7, 0.9]),
  pow: binary([0.3, 2], [-2, 3]),
  max: binary(),
  min: binary(),
  atan2: binary([-2, 2], [0.3, 2]),
  fma: [
    { operands: [reals([2, 3]), reals([3]), reals([2, 1])], params: null },
    { operands: [reals([]), reals([2]), reals([])], params: null },
  ],
  select: [
    { operands: [bools([true, false, true]), reals([3]), reals([3])], params: null },
    { operands: [bools([[true], [false]]), reals([3]), reals([])], params: null },
    { operands: [bools([true, false]), reals([3, 1]), reals([2])], params: null },
  ],
  convert: [
    { operands: [reals([3])], params: { dtype: 'float32', weak: true } },
    { operands: [reals([3])], params: { dtype: 'int32', weak: false } },
  ],
  and: 'integers only',
  or: 'integers only',
  xor: 'integers only',
  not: 'integers only',
  reduce_and: 'bool only',
  reduce_or: 'bool only',
  shift_left: 'integers only',
  shift_right_logical: 'integers only',
  shift_right_arithmetic: 'integers only',
  eq: compare,
  ne: compare,
  lt: compare,
  le: compare,
  gt: compare,
  ge: compare,
  is_finite: unary(),
  argmax: extremes,
  argmin: extremes,
  bitcast: [{ operands: [reals([3])], params: { dtype: 'int32' } }],
  iota: 'no operands',
  full: 'no operands',
  random_bits: 'keys only',
  random_split: 'keys only',
  random_fold_in: 'keys only',
  random_unwrap: 'keys only',
  random_wrap: 'keys only',

  reshape: [
    { operands: [reals([2, 3])], params: { shape: [3, 1, 2] } },
    { operands: [reals([1, 1])], params: { shape: [] } },
  ],
  transpose: [
    { operands: [reals([2, 3])], params: { perm: [1, 0] } },
    { operands: [reals([2, 1, 3])], params: { perm: [2, 0, 1] } },
  ],
  broadcast_in_dim: [
    { operands: [reals([3])], params: { shape: [2, 3], dims: [1] } },
    { operands: [reals([3])], params: { shape: [3, 2], dims: [0] } },
    { operands: [reals([2, 1])], params: { shape: [2, 2, 3], dims: [1, 2] } },
    { operands: [reals([])], params: { shape: [2, 2], dims: [] } },
    { operands: [reals([1])], params: { shape: [1, 4], dims: [0] } },
  ],
  slice: [
    { operands: [reals([6])], params: { start: [1], limit: [6], stride: [2] } },
    { operands: [reals([5])], params: { start: [0], limit: [4], stride: [3] } },
    { operands: [reals([3, 4])], params: { start: [1, 0], limit: [3, 4], stride: [1, 3] } },
    { operands: [reals([3])], params: { start: [1], limit: [1], stride: [1] } },
  ],
  pad: [
    { operands: [reals([3]), reals([])], params: { low: [1], high: [2], interior: [0] } },
    { operands: [reals([3]), reals([])], params: { low: [0], high: [1], interior: [2] } },
    { operands: [reals([4]), reals([])], params: { low: [-1], high: [-2], interior: [0] } },
    { operands: [reals([4, 2]), reals([])], params: { low: [-1, 1], high: [2, -1], interior: [1, 0] } },
    { operands: [reals([4]), reals([])], params: { low: [-2], high: [-1], interior: [1] } },
    { operands: [array([[], []]), reals([])], params: { low: [0, 1], high: [0, 1], interior: [0, 0] } },
  ],
  concatenate: [
    { operands: [reals([2]), reals([3])], params: { axis: 0 } },
    { operands: [reals([2, 1]), reals([2, 3]), reals([2, 2])], params: { axis: 1 } },
  ],
  rev: [
    { operands: [reals([4])], params: { axes: [0] } },
    { operands: [reals([2, 3])], params: { axes: [0, 1] } },
  ],

  reduce_sum: reduce,
  reduce_max: reduce,
  reduce_min: reduce,
  reduce_prod: [...reduce, ...axes([[5], [0]], [[1], [0]])],
  cumsum: [
    { operands: [reals([4])], params: { axis: 0, reverse: false } },
    { operands: [reals([2, 3])], params: { axis: 1, reverse: true } },
    { operands: [reals([2, 3])], params: { axis: 0, reverse: false } },
  ],

  gather: [
    { operands: [reals([4]), ints([3, 0, 3])], params: { axes: [0], mode: 'fill', fill: 0 } },
    {
      operands: [
        reals([3, 2]),
        ints([
          [2, 5],
          [-1, 0],
        ]),
      ],
      params: { axes: [0], mode: 'clip', fill: 0 },
    },
    { operands: [reals([2, 3]), ints([2, 9, -1])], params: { axes: [1], mode: 'fill', fill: 7 } },
    { operands: [reals([2, 3]), ints([0, 1, 1]), ints([2, 0, 0])], params: { axes: [0, 1], mode: 'clip', fill: 0 } },
    { operands: [reals([3]), ints([]).reshape([0])], params: { axes: [0], mode: 'clip', fill: 0 } },
  ],
  scatter: [
    { operands: [reals([4]), ints([1, 3, 1]), reals([3])], params: { axes: [0], op: 'add' } },
    { operands: [reals([4]), ints([1, 3, 1]), reals([3])], params: { axes: [0], op: 'set' } },
    { operands: [reals([3, 2]), ints([2, -1, 5]), reals([3, 2])], params: { axes: [0], op: 'set' } },
    { operands: [reals([2, 3]), ints([0, 1, 0]), ints([2, 0, 2]), reals([3])], params: { axes: [0, 1], op: 'set' } },
    { operands: [reals([2, 3]), ints([[0], [2]]), reals([2, 1, 2])], params: { axes: [1], op: 'add' } },
    { operands: [reals([4]), ints([1, 3, 1, 9]), reals([4], 0.5, 2)], params: { axes: [0], op: 'mul' } },
    { operands: [reals([3, 2]), ints([2, 0]), reals([2, 2])], params: { axes: [0], op: 'mul' } },
    { operands: [reals([4]), ints([1, 3, 1, -1]), reals([4])], params: { axes: [0], op: 'min' } },
    { operands: [reals([2, 3]), ints([0, 1, 0]), ints([2, 0, 2]), reals([3])], params: { axes: [0, 1], op: 'max' } },
  ],
  dynamic_slice: [
    { operands: [reals([5]), start(1)], params: { sizes: [3] } },
    { operands: [reals([5]), start(4)], params: { sizes: [3] } },
    { operands: [reals([3, 4]), start(-1), start(2)], params: { sizes: [3, 2] } },
    { operands: [reals([2, 3, 2]), start(1), start(1), start(0)], params: { sizes: [1, 2, 2] } },
  ],
  dynamic_update_slice: [
    { operands: [reals([5]), reals([3]), start(1)], params: null },
    { operands: [reals([5]), reals([2]), start(9)], params: null },
    { operands: [reals([3, 4]), reals([3, 2]), start(0), start(1)], params: null },
    { operands: [reals([2, 3]), reals([2, 3]), start(0), start(0)], params: null },
  ],
  ...windowCases,
  dot_general: [
    { operands: [reals([2, 3]), reals([3, 2])], params: { contract: [[1], [0]], batch: [[], []] } },
    { operands: [reals([3]), reals([3])], params: { contract: [[0], [0]], batch: [[], []] } },
    { operands: [reals([2]), reals([3])], params: { contract: [[], []], batch: [[], []] } },
    { operands: [reals([2, 2, 3]), reals([2, 3, 2])], params: { contract: [[2], [1]], batch: [[0], [0]] } },
    { operands: [reals([3, 2]), reals([2, 3, 2])], params: { contract: [[0], [1]], batch: [[1], [2]] } },
    {
      operands: [reals([2, 3, 2]), reals([2, 2, 3])],
      params: {
        contract: [
          [0, 1],
          [1, 2],
        ],
        batch: [[], []],
      },
    },
    {
      operands: [reals([2, 3, 2]), reals([3, 2, 2])],
      params: {
        contract: [
          [1, 0],
          [0, 2],
        ],
        batch: [[], []],
      },
    },
    {
      operands: [reals([2, 3]), reals([2, 3])],
      params: {
        contract: [[], []],
        batch: [
          [0, 1],
          [0, 1],
        ],
      },
    },
  ],
  sort: [
    { operands: [reals([5])], params: { axis: 0 } },
    { operands: [reals([2, 3])], params: { axis: 0 } },
    { operands: [reals([2, 3]), reals([2, 3])], params: { axis: 1 } },
    { operands: [reals([4]), ints([4, 5, 6, 7]), reals([4])], params: { axis: 0 } },
    { operands: [ints([1, 0, 1, 0]), reals([4]), reals([4])], params: { axis: 0, numKeys: 2 } },
  ],
}
