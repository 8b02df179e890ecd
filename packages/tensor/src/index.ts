// Evaluation installs itself where operations look for it; bundlers must keep it.
import './device/evaluate.js'

export { ArrayOps, type NestedNumbers, type TensorLike } from './core/array-ops.js'
export { type Aval, type DType, dtypes, type TypedArray } from './core/dtype.js'
export { DeviceError, DtypeError, GraphError, ShapeError, StateError, TraceError } from './core/errors.js'
export type { Shape } from './core/shape.js'
export { Tensor } from './core/tensor.js'
export { type DeviceInfo, devices, init, setDefaultDevice, withDevice } from './device/registry.js'
export { dot, type DotGeneralOptions, dotGeneral, inner, matmul, outer, tensordot } from './ops/contract.js'
export {
  arange,
  array,
  type ArrayData,
  type ArrayOptions,
  asarray,
  eye,
  full,
  fullLike,
  iota,
  linspace,
  ones,
  onesLike,
  tril,
  triu,
  zeros,
  zerosLike,
} from './ops/create.js'
export {
  abs,
  add,
  arctan2,
  astype,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  ceil,
  clip,
  cos,
  div,
  divide,
  eq,
  equal,
  erf,
  erfinv,
  exp,
  exp2,
  expm1,
  floor,
  floordiv,
  floorDivide,
  ge,
  greater,
  greaterEqual,
  gt,
  isfinite,
  isinf,
  isnan,
  le,
  leftShift,
  less,
  lessEqual,
  log,
  log10,
  log1p,
  log2,
  logaddexp,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  lt,
  maximum,
  minimum,
  mod,
  mul,
  multiply,
  ne,
  neg,
  negative,
  notEqual,
  pow,
  power,
  reciprocal,
  remainder,
  rightShift,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  stopGradient,
  sub,
  subtract,
  tan,
  tanh,
  view,
} from './ops/elementwise.js'
export { type BasicIndex, slice, take, takeAlongAxis, type TakeMode, type TakeOptions } from './ops/indexing.js'
export { broadcastArrays, concatenate, split, stack } from './ops/join.js'
export { logSigmoid, logSoftmax, oneHot, relu, softmax, type SoftmaxOptions, softplus } from './ops/nn.js'
export {
  all,
  any,
  argmax,
  argmin,
  countNonzero,
  cumsum,
  type FoldOptions,
  logsumexp,
  max,
  mean,
  type MeanOptions,
  min,
  prod,
  type ReduceOptions,
  std,
  sum,
  type SumOptions,
  var,
  type VarOptions,
} from './ops/reduce.js'
export {
  broadcastTo,
  expandDims,
  flip,
  moveaxis,
  pad,
  ravel,
  reshape,
  squeeze,
  swapaxes,
  transpose,
} from './ops/shape.js'
export { argsort, sort, type SortOptions } from './ops/sort.js'
export { where } from './ops/where.js'
export { cond, foriLoop, map, scan, type ScanOptions, switchCase, whileLoop } from './program/control.js'
export { evalShape, jit, type Jitted, type JitOptions, makeProgram, type ShapeDtype } from './program/jit.js'
export type { Atom, Equation, Literal, Program, Var } from './program/program.js'
export { printProgram } from './program/print.js'
export * as random from './random/index.js'
export * as tree from './tree/index.js'
export { treeNode, type TreeNode } from './tree/node.js'
