import type { TensorLike } from '@linum/tensor'
import type { Extra } from './transformation.js'

const missing = (fn: string, name: string, what: string): never => {
  throw new TypeError(
    `${fn}: needs ${what}, but \`${name}\` is not among the extra arguments of \`update\`, got none; call update(updates, state, params, { ${name} }), or optimizer.update(grads, { ${name} })`,
  )
}

/** The loss of this step. Throws TypeError, naming the transformation, where it was not given. */
export const requireValue = (fn: string, { value }: Extra): TensorLike =>
  value === undefined || value === null ? missing(fn, 'value', 'the loss') : (value as TensorLike)

/** The gradients of this step, untransformed. Throws TypeError, naming the transformation, where they were not given. */
export const requireGrad = (fn: string, { grad }: Extra): unknown =>
  grad === undefined || grad === null ? missing(fn, 'grad', 'the gradients at the parameters') : grad

/** The loss as a function of the parameters. Throws TypeError, naming the transformation, where it was not given. */
export const requireFunction = <F>(fn: string, name: 'valueFn' | 'objFn' | 'gradFn', extra: Extra): F =>
  typeof extra[name] === 'function'
    ? (extra[name] as F)
    : missing(
        fn,
        name,
        name === 'gradFn'
          ? 'the gradients as a function of the parameters'
          : 'the loss as a function of the parameters',
      )
