import type { Tensor } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import { type Cotangent, zerosOf } from '../rules/rule.js'

/** Cotangents of the floating-point results, zeros where nothing came. */
export const filledCotangents = (outputs: readonly Tensor[], cotangents: readonly Cotangent[]): Tensor[] =>
  outputs.flatMap((o, i) => (isFloat(o.dtype) ? [cotangents[i] ?? zerosOf(o)] : []))
