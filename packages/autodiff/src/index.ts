export { checkpoint, checkpointName, type CheckpointOptions, type CheckpointPolicy } from './checkpoint.js'
export * as checkpointPolicies from './checkpoint-policies.js'
export {
  allGather,
  type AllGatherOptions,
  axisIndex,
  type AxisName,
  axisSize,
  pmax,
  pmean,
  pmin,
  psum,
} from './collective.js'
export { customJvp } from './custom-jvp.js'
export { type CustomOptions, customVjp, type Picked } from './custom-vjp.js'
export { type Argnum, grad, type GradOf, type GradOptions, valueAndGrad } from './grad.js'
export { hessian, jacfwd, type JacobianOptions, jacrev } from './jacobian.js'
export { jvp, type JvpOptions, linearize } from './jvp.js'
export { ravelTree } from './ravel-tree.js'
export { type Pullback, vjp, type VjpOptions } from './vjp.js'
export { type Axes, vmap, type VmapOptions } from './vmap.js'
