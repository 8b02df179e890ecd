export { copy } from './ops/create/copy.js'
// Evaluation installs itself where operations look for it; bundlers must keep it.
import './device/evaluate.js'

export { ArrayOps, type NestedNumbers, type TensorLike } from './core/array-ops.js'
export { type Aval, type DType, dtypes, type TypedArray } from './core/dtype.js'
export { DeviceError, DtypeError, GraphError, NanError, ShapeError, StateError, TraceError } from './core/errors.js'
export { finfo, type FloatLimits, iinfo, type IntegerLimits } from './core/limits.js'
export type { Shape } from './core/shape.js'
export { Tensor } from './core/tensor.js'
export { type DeviceMemory, memory } from './device/memory.js'
export { scope } from './device/scope.js'
export { setThreads, type ThreadOptions, type Threads, threads } from './device/threads.js'
export type { DeviceStats } from './device/device.js'
export type { GpuMode, GpuOptions } from './device/gpu/options.js'
export { type DeviceInfo, devices, deviceStats, init, setDefaultDevice, withDevice } from './device/registry.js'
export {
  dot,
  type DotGeneralOptions,
  dotGeneral,
  inner,
  kron,
  matmul,
  outer,
  tensordot,
  vdot,
  vecdot,
} from './ops/products/contract.js'
export { convGeneralDilated, type ConvOptions, convTranspose, type ConvTransposeOptions } from './ops/products/conv.js'
export type { DimensionNumbers } from './ops/products/conv-layout.js'
export { einsum } from './ops/products/einsum.js'
export { reduceWindow, type WindowOptions } from './ops/products/window.js'
export type { WindowPadding } from './ops/products/window-padding.js'
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
} from './ops/create/create.js'
export {
  abs,
  absolute,
  add,
  arccos,
  arccosh,
  arcsin,
  arcsinh,
  arctan,
  arctan2,
  arctanh,
  astype,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  cbrt,
  ceil,
  clip,
  cos,
  cosh,
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
  type RoundOptions,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  square,
  stopGradient,
  sub,
  subtract,
  tan,
  tanh,
  view,
} from './ops/elementwise/elementwise.js'
export type { TakeMode } from './ops/indexing/along-axis.js'
export type { AtOptions, GetOptions, Indexed, IndexMode } from './ops/indexing/at.js'
export type { ArrayIndex, BasicIndex, Index } from './ops/indexing/index-list.js'
export { at, slice, take, type TakeOptions } from './ops/indexing/indexing.js'
export { type AlongAxisOptions, takeAlongAxis } from './ops/indexing/take-along-axis.js'
export { blockDiag, diag, diagflat, fillDiagonal, identity, trace, tri, vander } from './ops/create/diagonal.js'
export {
  dynamicIndexInDim,
  dynamicSlice,
  dynamicSliceInDim,
  dynamicUpdateIndexInDim,
  dynamicUpdateSlice,
  dynamicUpdateSliceInDim,
  sliceInDim,
  type Starts,
} from './ops/indexing/dynamic.js'
export { delete, insert, type Places } from './ops/shape/edit.js'
export {
  argwhere,
  choose,
  type ChooseOptions,
  compress,
  type CompressOptions,
  extract,
  type FindOptions,
  flatnonzero,
  nonzero,
  putAlongAxis,
  ravelMultiIndex,
  unravelIndex,
  where,
} from './ops/indexing/find.js'
export {
  broadcastShapes,
  diagIndices,
  indices,
  ix,
  meshgrid,
  type MeshgridOptions,
  sparseIndices,
  trilIndices,
  triuIndices,
} from './ops/create/grid.js'
export { broadcastArrays, concatenate, split, stack } from './ops/shape/join.js'
export { diagonal, type DiagonalOptions, flatten, repeat, type RepeatOptions } from './ops/shape/layout.js'
export { pad, type PadMode, type PadOptions } from './ops/shape/pad.js'
export { empty, emptyLike, geomspace, logspace, type SpaceOptions } from './ops/create/ranges.js'
export {
  atleast1d,
  atleast2d,
  atleast3d,
  fliplr,
  flipud,
  matrixTranspose,
  permuteDims,
  resize,
  roll,
  rollaxis,
  rot90,
  tile,
  unstack,
} from './ops/shape/rearrange.js'
export {
  append,
  arraySplit,
  columnStack,
  concat,
  dsplit,
  dstack,
  hsplit,
  hstack,
  vsplit,
  vstack,
} from './ops/shape/stack.js'
export { logSigmoid, logSoftmax, oneHot, relu, softmax, type SoftmaxOptions, softplus } from './ops/elementwise/nn.js'
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
} from './ops/reduce/reduce.js'
export {
  broadcastTo,
  expandDims,
  flip,
  moveaxis,
  ravel,
  reshape,
  squeeze,
  swapaxes,
  transpose,
} from './ops/shape/shape.js'
export { callRoutine } from './ops/routine.js'
export { digitize, lexsort, sortTogether, topK } from './ops/order/order.js'
export {
  bincount,
  type BincountOptions,
  type BinOptions,
  histogram,
  histogram2d,
  type Histogram2dOptions,
  histogramBinEdges,
  type HistogramOptions,
} from './ops/order/histogram.js'
export { segmentMax, segmentMin, type SegmentOptions, segmentProd, segmentSum } from './ops/indexing/segment.js'
export {
  intersect1d,
  type IntersectOptions,
  type IntersectResult,
  isin,
  type IsinOptions,
  setdiff1d,
  type SetOptions,
  setxor1d,
  union1d,
} from './ops/order/sets.js'
export {
  convolve,
  type ConvolveOptions,
  correlate,
  cross,
  type CrossOptions,
  interp,
  type InterpOptions,
  polyval,
  unwrap,
  type UnwrapOptions,
} from './ops/signal/signal.js'
export { argsort, sort, type SortOptions } from './ops/order/sort.js'
export { argpartition, partition, type PartitionOptions } from './ops/order/partition.js'
export { searchsorted, type SearchsortedOptions } from './ops/order/searchsorted.js'
export { unique, type UniqueOptions, type UniqueResult } from './ops/order/unique.js'
export {
  deg2rad,
  degrees,
  divmod,
  floatPower,
  fmax,
  fmin,
  fmod,
  gcd,
  heaviside,
  hypot,
  lcm,
  logaddexp2,
  populationCount,
  rad2deg,
  radians,
  sinc,
} from './ops/elementwise/arithmetic.js'
export { allclose, arrayEqual, type CloseOptions, isclose } from './ops/elementwise/closeness.js'
export {
  cumlogsumexp,
  cummax,
  cummin,
  cumprod,
  type RunningOptions,
  type RunningProductOptions,
} from './ops/reduce/cumulative.js'
export {
  diff,
  type DiffOptions,
  ediff1d,
  type Ediff1dOptions,
  gradient,
  type GradientOptions,
  trapezoid,
  type TrapezoidOptions,
} from './ops/reduce/differences.js'
export { canCast, type Casting, type DTypeKind, isdtype, promoteTypes, resultType } from './ops/dtypes.js'
export {
  nanargmax,
  nanargmin,
  nanmax,
  nanmean,
  nanmin,
  nanprod,
  nanstd,
  nansum,
  nanvar,
} from './ops/reduce/nan-reductions.js'
export {
  copysign,
  fix,
  frexp,
  isneginf,
  isposinf,
  ldexp,
  modf,
  nanToNum,
  type NanToNumOptions,
  nextafter,
  rint,
  signbit,
  trunc,
} from './ops/elementwise/parts.js'
export {
  median,
  nanmedian,
  nanpercentile,
  nanquantile,
  percentile,
  quantile,
  type QuantileMethod,
  type QuantileOptions,
} from './ops/reduce/quantile.js'
export { select } from './ops/elementwise/select.js'
export { average, type AverageOptions, corrcoef, cov, type CovOptions, ptp } from './ops/reduce/statistics.js'
export { bartlett, blackman, hamming, hanning, kaiser } from './ops/signal/windows.js'
export { associativeScan, type AssociativeScanOptions } from './program/associative-scan.js'
export { cond, foriLoop, map, scan, type ScanOptions, switchCase, whileLoop } from './program/control.js'
export {
  type CoreType,
  defineRoutine,
  type Routine,
  type RoutineApplication,
  type RoutineDefinition,
} from './primitives/routine.js'
export { lower, traceCount } from './program/compiled.js'
export { evalShape, jit, type JitOptions, makeProgram, type ShapeDtype } from './program/jit.js'
export type { Atom, Equation, Literal, Program, Var } from './program/program.js'
export { printProgram } from './program/print.js'
export { ShapeDtypeStruct } from './program/shape-dtype-struct.js'
export * as image from './image/index.js'
export { debugNans } from './debug/nans.js'
export * as debug from './debug/index.js'
export * as fft from './fft/index.js'
export type { Complex } from './fft/complex.js'
export * as linalg from './linalg/index.js'
export * as random from './random/index.js'
export * as special from './special/index.js'
export * as stats from './stats/index.js'
export * as tree from './tree/index.js'
export { treeNode, type TreeNode } from './tree/node.js'
