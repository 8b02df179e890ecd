/** The seams that transforms are built on. Not covered by semantic versioning. */
// Evaluation installs itself where operations look for it; bundlers must keep it.
import './device/evaluate.js'

export { BoundedCache } from './core/bounded-cache.js'
export { Cell } from './core/cell.js'
export { dtypeCategory, isFloat, type StoredDType } from './core/dtype.js'
export { checkAxes, checkAxis, formatShape, sameShape, sizeOf } from './core/shape.js'
export { baseTrace, type BaseTrace, bind, bind1, currentTrace, isRunning, type Trace, withTrace } from './core/trace.js'
export type { CompileOptions, Device, DeviceBuffer, Executable } from './device/device.js'
export { addDevice, defaultDevice } from './device/registry.js'
export { JsDevice } from './device/js/js.js'
export { evaluation } from './device/evaluate.js'
export { literalLike, toTensor } from './ops/operand.js'
export type { ContractParams } from './primitives/contract.js'
export type { ElementwiseParams } from './primitives/elementwise.js'
export type { IndexParams } from './primitives/indexing.js'
export type { PrimitiveName, PrimitiveParams } from './primitives/primitive.js'
export type { RandomParams } from './primitives/random.js'
export type { ReduceParams } from './primitives/reduce.js'
export type { ShapeParams } from './primitives/shape.js'
export type { SortParams } from './primitives/sort.js'
export { inferTypes } from './primitives/type-rules.js'
export {
  avalKey,
  type FlatArguments,
  type FlatResult,
  flattenArguments,
  flattenResult,
  mergeLeaves,
  traced,
} from './program/arguments.js'
export { BuildTrace, type Traced, traceProgram } from './program/build.js'
export { evaluateProgram } from './program/evaluate.js'
export { type Split, splitInvariants } from './program/hoist.js'
export type { NumbersAreStatic } from './program/jit.js'
export { programKey } from './program/hash.js'
export { eliminateDeadCode, makeEquation, makeVar } from './program/program.js'
export { makeSchedule, type Schedule } from './program/schedule.js'

import type { Tensor } from './core/tensor.js'

/** Whether a tensor is a transform's placeholder. */
export const isTracer = (x: Tensor): boolean => x.trace.level > 0
