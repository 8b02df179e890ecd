import type { Kernel } from '../../../kernel/ir.js'
import { clusterKey, collapsedKey } from '../../../kernel/key.js'
import type { Schedule, Step } from '../../../program/schedule.js'
import { emitCluster } from '../kernels/cluster.js'
import { emitKernel } from '../kernels/kernel.js'
import { emitConv } from '../conv/emit-conv.js'
import { emitCumsum } from '../cumulative/emit-cumsum.js'
import { emitDot } from '../dot/emit.js'
import { emitSort } from '../ordering/emit-sort.js'
import { emitScatter } from '../scatter/emit-scatter.js'
import type { StepCode } from '../step-code.js'
import { callHostStep, hostStep } from './host-step.js'
import type { Linker } from './linker.js'

/** A kernel alone, its sizes parameters. */
interface LoneKernel {
  readonly kind: 'kernel'
  readonly kernel: Kernel
}

/** The code of a step that is no loop and no branch. Routines without code of their own run on the host. */
export function stepCode(linker: Linker, step: LoneKernel): StepCode
export function stepCode(linker: Linker, step: Step, schedule: Schedule): StepCode
export function stepCode(linker: Linker, step: Step | LoneKernel, schedule?: Schedule): StepCode {
  const { target } = linker
  if (step.kind === 'kernel') {
    const { kernel } = step
    return schedule === undefined
      ? emitKernel(target, kernel)
      : linker.once(collapsedKey(kernel as Kernel<number>), () => emitKernel(target, kernel))
  }
  if (step.kind === 'cluster') return linker.once(clusterKey(step), () => emitCluster(target, step))
  const { slots } = schedule!
  const types = {
    inputs: step.inputs.map((id) => slots[id]!.dtype),
    outputs: step.outputs.map((id) => slots[id]!.dtype),
  }
  const { routine } = step
  const once = (write: () => StepCode): StepCode => linker.once(JSON.stringify([routine, types]), write)
  const isBool = types.outputs[0] === 'bool'
  if (routine.name === 'dot' && !isBool) return once(() => emitDot(target, routine, types))
  if (routine.name === 'conv' && !isBool) return once(() => emitConv(target, routine, types))
  if (routine.name === 'sort') return once(() => emitSort(target, routine, types))
  if (routine.name === 'cumsum') return once(() => emitCumsum(target, routine, types))
  if (routine.name === 'scatter') return once(() => emitScatter(target, routine, types))
  return callHostStep(target, linker.hostSteps.push(hostStep(step, schedule!)) - 1)
}
