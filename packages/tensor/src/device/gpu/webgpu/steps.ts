import type { Slot, Step } from '../../../program/schedule.js'
import { emitConv } from './conv/emit-conv.js'
import { emitDot } from './dot/emit.js'
import { clusterTeams, emitCluster } from './kernels/cluster.js'
import { emitKernel } from './kernels/kernel.js'
import { emitCumsum } from './ordering/emit-cumsum.js'
import { emitSort } from './ordering/emit-sort.js'
import { emitScatter } from './scatter/emit-scatter.js'
import type { StepCode } from './shader.js'

/** The dispatches of a step that runs no schedule of its own. */
export const stepCode = (step: Step, slots: readonly Slot[], parametric: boolean): StepCode => {
  if (step.kind === 'kernel') return emitKernel(step.kernel, parametric)
  if (step.kind === 'cluster') {
    const teams = clusterTeams(step)
    if (teams === null) throw new Error('gpu: such clusters are taken apart before')
    return { dispatches: [emitCluster(step, step.inputs.length, teams)], temporaries: [] }
  }
  const { routine } = step
  const inputs = step.inputs.map((id) => slots[id]!.dtype)
  const output = slots[step.outputs[0]!]!.dtype
  switch (routine.name) {
    case 'dot':
      return emitDot(routine, { inputs, output })
    case 'conv':
      return emitConv(routine, { inputs, output })
    case 'sort':
      return emitSort(routine, inputs)
    case 'cumsum':
      return emitCumsum(routine, output)
    case 'scatter':
      return emitScatter(routine, inputs)
    case 'scan':
    case 'cond':
    case 'while':
    case 'callback':
    case 'routine':
      throw new Error(`gpu: ${routine.name} is linked elsewhere`)
  }
}
