import { valueAndGrad } from '@linum/autodiff'
import { cond, isfinite, StateError, type Tensor } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { rawTree } from '../raw.js'
import { getKey } from '../state-search.js'

/**
 * The loss and its gradients at the parameters, which are those that the line search of the last step has kept in the
 * state of the transformation; the first step computes them. Throws StateError where the state has no `value` and
 * `grad`: the backtracking search keeps the latter with `storeGrad`.
 */
export const valueAndGradFromState =
  <P>(valueFn: (params: P) => Tensor): ((params: P, state: unknown) => readonly [value: Tensor, grads: P]) =>
  (params, state) => {
    const kept = rawTree(state)
    const fn = 'valueAndGradFromState'
    const [value, grad] = [getKey(fn, kept, 'value'), getKey(fn, kept, 'grad')]
    if (value === undefined || value === null || grad === undefined || grad === null)
      throw new StateError(
        `${fn}: Value or gradient not found in the state, got ${value == null ? 'no value' : 'no grad'}; use a line search that stores them`,
      )
    const stored = toTensor(fn, value as Tensor)
    const compute = (): readonly [Tensor, P] => {
      const [computed, grads] = valueAndGrad(valueFn as (p: never) => Tensor)(params as never)
      return [computed.astype(stored.dtype), grads as P]
    }
    return cond(isfinite(stored), () => [stored, grad as P] as const, compute)
  }
