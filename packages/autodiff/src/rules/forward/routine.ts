import type { RoutineParams } from '@linum/tensor/core'
import type { ForwardRules } from './rule.js'

export const routineForward: ForwardRules<RoutineParams> = {
  routine: (tangents, { inputs, outputs, params: { routine, params } }) => {
    if (routine.jvp === undefined)
      throw new TypeError(
        `jvp: the routine '${routine.name}' has no rule for forward mode; give defineRoutine a jvp, or stop the derivative with stopGradient`,
      )
    return routine.jvp(tangents, { inputs, outputs, params: params as never }).map((t) => t ?? null)
  },
}
