import type { Kernel } from '../../../kernel/ir.js'
import type { Schedule, Step } from '../../../program/schedule.js'
import { emitCluster } from '../kernels/cluster.js'
import { emitKernel } from '../kernels/kernel.js'
import { emitConv } from '../conv/emit-conv.js'
import { emitDot } from '../dot/emit.js'
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
  if (step.kind === 'kernel') return emitKernel(target, step.kernel)
  if (step.kind === 'cluster') return emitCluster(target, step)
  const { slots } = schedule!
  const types = {
    inputs: step.inputs.map((id) => slots[id]!.dtype),
    outputs: step.outputs.map((id) => slots[id]!.dtype),
  }
  const isBool = types.outputs[0] === 'bool'
  if (step.routine.name === 'dot' && !isBool) return emitDot(target, step.routine, types)
  if (step.routine.name === 'conv' && !isBool) return emitConv(target, step.routine, types)
  return callHostStep(target, linker.hostSteps.push(hostStep(step, schedule!)) - 1)
}
