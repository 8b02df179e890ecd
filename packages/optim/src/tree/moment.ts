import * as np from '@linum/tensor'
import type { TensorLike } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { mapAligned, mapLeaves } from '../leaves.js'
import { debias, debiasDivisor, oneMinus } from '../moment.js'

/** (1 - decay) g^order + decay m, leaf by leaf. */
export const updateMoment = <T>(updates: T, moments: T, decay: TensorLike, order: number): T =>
  mapAligned(
    'tree.updateMoment',
    (g, m) => np.add(np.mul(order === 1 ? g! : np.pow(g!, order), oneMinus(decay)), np.mul(m!, decay)),
    updates,
    moments,
  ) as T

/** max(|g| + eps, decay v), leaf by leaf. */
export const updateInfinityMoment = <T>(updates: T, moments: T, decay: TensorLike, eps: TensorLike): T =>
  mapAligned(
    'tree.updateInfinityMoment',
    (g, v) => np.maximum(np.add(np.abs(g!), eps), np.mul(v!, decay)),
    updates,
    moments,
  ) as T

/** Moments that started at 0 over 1 - decay^count, so that they are not too small. */
export const biasCorrection = <T>(moment: T, decay: TensorLike, count: TensorLike): T => {
  const divisor = debiasDivisor(decay, toTensor('tree.biasCorrection', count))
  return mapLeaves((m) => debias(m, divisor), moment) as T
}
