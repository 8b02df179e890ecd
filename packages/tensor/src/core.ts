/** The seams that transforms are built on. Not covered by semantic versioning. */
// Evaluation installs itself where operations look for it; bundlers must keep it.
import './device/evaluate.js'

export { BoundedCache } from './core/bounded-cache.js'
export { Cell } from './core/cell.js'
export { dtypeCategory, isFloat, type StoredDType } from './core/dtype.js'
export { keepTensor } from './core/tensor.js'
export { checkAxes, checkAxis, formatShape, sameShape, sizeOf } from './core/shape.js'
export {
  axisEnvironment,
  axisTrace,
  baseTrace,
  type BaseTrace,
  bind,
  bind1,
  currentTrace,
  isRunning,
  type NamedAxis,
  type Trace,
  withTrace,
} from './core/trace.js'
export type { CompileOptions, Device, DeviceBuffer, Executable } from './device/device.js'
export { addDevice, defaultDevice } from './device/registry.js'
export { JsDevice } from './device/js/js.js'
export { evaluation } from './device/evaluate.js'
export { literalLike, toTensor } from './ops/operand.js'
export type { BarrierParams } from './primitives/barrier.js'
export type { CheckpointPolicy } from './primitives/checkpoint.js'
export type { CollectiveParams } from './primitives/collective.js'
export type { ContractParams } from './primitives/contract.js'
export { type ConvParams, dilated } from './primitives/conv.js'
export { type JvpPrograms, Tied, type VjpPrograms } from './primitives/custom.js'
export type { EffectParams } from './primitives/effect.js'
export type { ElementwiseParams } from './primitives/elementwise.js'
export type { IndexParams } from './primitives/indexing.js'
export type { PrimitiveName, PrimitiveParams } from './primitives/primitive.js'
export type { RandomParams } from './primitives/random.js'
export type { ReduceParams } from './primitives/reduce.js'
export type { AnyRoutine, RoutineParams } from './primitives/routine.js'
export type { ShapeParams } from './primitives/shape.js'
export type { SortParams } from './primitives/sort.js'
export type { WindowParams, Windows } from './primitives/window.js'
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
export { inlineCalls } from './program/inline.js'
export { type Split, splitInvariants } from './program/hoist.js'
export { type Compiled, setCompiled } from './program/compiled.js'
export type { CheckedOptions } from './program/checked-options.js'
export type { NumbersAreStatic } from './program/static-numbers.js'
export { programKey } from './program/hash.js'
export { nameInputs } from './program/input-names.js'
export { eliminateDeadCode, makeEquation, makeVar } from './program/program.js'
export { checkProgram } from './program/check.js'
export { inStage, type Stage, watchStages } from './program/stages.js'
export { carriesProgram, type Carrying } from './program/nested.js'
export { makeSchedule, type Schedule, watchPasses } from './program/schedule.js'

import type { Tensor } from './core/tensor.js'

/** Whether a tensor is a transform's placeholder. */
export const isTracer = (x: Tensor): boolean => x.trace.level > 0
export { workerScript } from './device/wasm/threads/worker-script.js'
