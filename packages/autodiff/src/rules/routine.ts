import type { RoutineParams } from '@linum/tensor/core'
import type { ReverseRules } from './rule.js'

export const routineRules: ReverseRules<RoutineParams> = {
  routine: (cotangents, { inputs, outputs, params: { routine, params }, need }) => {
    if (routine.vjp === undefined)
      throw new TypeError(
        `vjp: the routine '${routine.name}' has no rule for reverse mode; give defineRoutine a vjp, or stop the derivative with stopGradient`,
      )
    return routine.vjp(cotangents, { inputs, outputs, params: params as never, need }).map((ct) => ct ?? null)
  },
}
