export { type Argnum, grad, type GradOf, type GradOptions, valueAndGrad } from './grad.js'
export { type Pullback, vjp, type VjpOptions } from './vjp.js'
