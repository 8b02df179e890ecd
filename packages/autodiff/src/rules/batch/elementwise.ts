import { bind1, type PrimitiveName, type ElementwiseParams, type PrimitiveParams } from '@linum/tensor/core'
import { aligned, type BatchRule, type BatchRules } from './rule.js'

/** Position by position: the batch axis is one more of them. */
const every = <K extends PrimitiveName>(name: K): BatchRule<PrimitiveParams[K]> => (application) => [bind1(name, aligned(application), application.params)]

export const elementwiseBatching: BatchRules<ElementwiseParams> = {
  exp: every('exp'), expm1: every('expm1'), log: every('log'), log1p: every('log1p'), logistic: every('logistic'), sqrt: every('sqrt'), rsqrt: every('rsqrt'),
  sin: every('sin'), cos: every('cos'), tanh: every('tanh'), erf: every('erf'), erf_inv: every('erf_inv'), floor: every('floor'), ceil: every('ceil'), round: every('round'),
  neg: every('neg'), abs: every('abs'), sign: every('sign'), add: every('add'), sub: every('sub'), mul: every('mul'), div: every('div'), rem: every('rem'), pow: every('pow'),
  max: every('max'), min: every('min'), atan2: every('atan2'), fma: every('fma'), and: every('and'), or: every('or'), xor: every('xor'), not: every('not'),
  shift_left: every('shift_left'), shift_right_logical: every('shift_right_logical'), shift_right_arithmetic: every('shift_right_arithmetic'),
  eq: every('eq'), ne: every('ne'), lt: every('lt'), le: every('le'), gt: every('gt'), ge: every('ge'), is_finite: every('is_finite'),
  select: every('select'), convert: every('convert'), bitcast: every('bitcast'), stop_gradient: every('stop_gradient'),
}
