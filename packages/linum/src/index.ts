export * from '@linum/filters'
export * from '@linum/graph'
export * from '@linum/nn'
export * from '@linum/transforms'
export { Optimizer, type OptimizerOptions } from '@linum/optim'
export {
  ArrayOps,
  type DeviceInfo,
  DeviceError,
  devices,
  deviceStats,
  type DeviceStats,
  type DType,
  DtypeError,
  GraphError,
  type GpuOptions,
  init,
  type NestedNumbers,
  random,
  setDefaultDevice,
  setThreads,
  type Shape,
  ShapeError,
  StateError,
  Tensor,
  type TensorLike,
  type Threads,
  threads,
  TraceError,
  tree,
  withDevice,
} from '@linum/tensor'
export * as autodiff from '@linum/autodiff'
export * as nn from '@linum/nn'
export * as optim from '@linum/optim'
export * as np from '@linum/tensor'
