import type { StoredDType } from '../../../core/dtype.js'
import { expandCluster } from '../../../kernel/expand-cluster.js'
import type { Kernel } from '../../../kernel/ir.js'
import type { Routine, Schedule } from '../../../program/schedule.js'
import { packInputs } from './pack.js'
import { routineKernels } from './routines.js'
import { splitReduction } from './split-reduction.js'

/** One buffer of a flat schedule. */
export interface FlatSlot {
  readonly kind: 'input' | 'made' | 'constant'
  readonly dtype: StoredDType
  readonly length: number
  readonly value: number
}

export type Control = Extract<Routine, { name: 'scan' | 'cond' | 'while' | 'callback' }>
/** `pack` puts its inputs behind each other. */
export type FlatStep =
  | {
      readonly kind: 'kernel'
      readonly kernel: Kernel<number>
      readonly inputs: readonly number[]
      readonly outputs: readonly number[]
    }
  | { readonly kind: 'pack'; readonly inputs: readonly number[]; readonly outputs: readonly number[] }
  | {
      readonly kind: 'control'
      readonly routine: Control
      readonly inputs: readonly number[]
      readonly outputs: readonly number[]
    }

/** A schedule of kernels that draw one texture from a few. */
export interface FlatSchedule {
  readonly slots: readonly FlatSlot[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly steps: readonly FlatStep[]
}

/** Numbers the buffers that a step needs between its kernels. */
export type AddSlot = (dtype: StoredDType, length: number) => number

/** Textures that one kernel may read; drivers have 16 at least. */
const mostInputs = 15

/**
 * Takes clusters and routines apart into kernels, cuts long reductions in two, and joins the inputs of kernels that have
 * too many. Throws DeviceError for routines that have no kernels here.
 */
export const flatten = (schedule: Schedule): FlatSchedule => {
  const slots: FlatSlot[] = schedule.slots.map(({ kind, dtype, length, value }) => ({
    kind: kind === 'output' || kind === 'temporary' ? 'made' : kind,
    dtype,
    length,
    value,
  }))
  const add: AddSlot = (dtype, length) => slots.push({ kind: 'made', dtype, length, value: 0 }) - 1
  const steps: FlatStep[] = []
  const addKernel = (kernel: Kernel<number>, inputs: readonly number[], outputs: readonly number[]): void => {
    for (const cut of splitReduction(kernel, inputs, outputs, add))
      steps.push(...packInputs(cut, slots, add, mostInputs))
  }
  for (const step of schedule.steps) {
    const { inputs, outputs } = step
    if (step.kind === 'kernel') addKernel(step.kernel, inputs, outputs)
    else if (step.kind === 'cluster') {
      const { kernels, lengths } = expandCluster(step)
      lengths.forEach((length, id) => (slots[id] = { ...slots[id]!, length }))
      for (const k of kernels) addKernel(k.kernel, k.inputs, k.outputs)
    } else {
      const { routine } = step
      if (isControl(routine)) steps.push({ kind: 'control', routine, inputs, outputs })
      else {
        const types = inputs.map((id) => slots[id]!.dtype)
        for (const k of routineKernels(routine, types, { inputs, outputs, add }))
          addKernel(k.kernel, k.inputs, k.outputs)
      }
    }
  }
  return { slots, inputs: schedule.inputs, outputs: schedule.outputs, steps }
}

const isControl = (routine: Routine): routine is Control =>
  routine.name === 'scan' || routine.name === 'cond' || routine.name === 'while' || routine.name === 'callback'
