import { type ArrayOps, type DType, DtypeError, resultType, type Tensor, type TensorLike } from '@linum/tensor'
import { isFloat, toTensor } from '@linum/tensor/core'
import { numberOperand } from './operand.js'

/** The dtypes that layers have parameters of and compute in. */
export type FloatDType = 'bfloat16' | 'float16' | 'float32' | 'float64'

export interface PromoteDtypeOptions {
  /** The dtype to compute in; null, the default, for the common one of the operands. */
  readonly dtype?: DType | null
  /** Whether the common dtype must be a float: float32 in place of an integer. True by default. */
  readonly inexact?: boolean
}

/** Gives operands one dtype. Null stands for an operand that a layer does without. */
export type PromoteDtype = <const T extends readonly (Tensor | null)[]>(
  operands: T,
  options?: PromoteDtypeOptions,
) => { readonly [K in keyof T]: T[K] }

/** The dtype that operands are computed in. Throws DtypeError where it must be a float and is none. */
export const computeDtype = (
  operands: readonly (Tensor | null)[],
  { dtype = null, inexact = true }: PromoteDtypeOptions = {},
): DType => {
  if (dtype !== null) {
    if (!inexact || isFloat(dtype)) return dtype
    throw new DtypeError(
      `promoteDtype: dtype must be a float, got ${dtype}; use 'float32', 'bfloat16', 'float16' or 'float64'`,
    )
  }
  const common = resultType(...operands.filter((x) => x !== null))
  return inexact && !isFloat(common) ? 'float32' : common
}

/** Operands in the dtype given, or in their common one. Throws DtypeError where that must be a float and is none. */
export const promoteDtype: PromoteDtype = (operands, options) => {
  const dtype = computeDtype(operands, options)
  return operands.map((x) => (x === null || x.dtype === dtype ? x : x.astype(dtype))) as never
}

/** What layers keep of the options that say how to compute. */
export interface Computation {
  /** The dtype of the computation; null for the common one of input and parameters. */
  readonly dtype: FloatDType | null
  /** Absent: `promoteDtype`. */
  readonly promoteDtype?: PromoteDtype
}

type Present<P> = { readonly [K in keyof P]: P[K] extends null ? null : Tensor | Extract<P[K], null> }

/** The input and the parameters of a layer in the dtype that it computes in. */
export const promoted = <P extends readonly (ArrayOps | null)[]>(
  fn: string,
  { dtype, promoteDtype: promote = promoteDtype }: Computation,
  x: TensorLike,
  ...parameters: P
): readonly [Tensor, ...Present<P>] =>
  promote([numberOperand(fn, x), ...parameters.map((p) => (p === null ? null : toTensor(fn, p)))], { dtype }) as never
