export { DiffState } from './diff-state.js'
export { grad, type GradOf, type GradOptions, valueAndGrad } from './grad.js'
export { jit, type Jitted, type JitOptions } from './jit.js'
