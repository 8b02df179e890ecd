import type { Aval, StoredDType } from '../core/dtype.js'
import { dtypeBytes } from '../core/dtype.js'
import { sizeOf } from '../core/shape.js'
import type { EffectParams } from '../primitives/effect.js'
import type { ScatterOp } from '../primitives/indexing.js'
import { type AnyRoutine, type CoreType, coreTypes } from '../primitives/routine.js'
import { collapse } from '../kernel/collapse.js'
import { fuse, isRoutine, operandOf } from '../kernel/fuse.js'
import type { Kernel } from '../kernel/ir.js'
import { lowerKernel } from '../kernel/lower.js'
import { clusterSteps } from './cluster-steps.js'
import { eliminateCommonSubexpressions } from './cse.js'
import { hasEffect } from './effects.js'
import { inlineCalls } from './inline.js'
import { type Loose, mergeKernels } from './merge-kernels.js'
import { lowerKeys } from './lower-keys.js'
import { planMemory } from './plan.js'
import { type Atom, type Equation, eliminateDeadCode, type Program, type Var } from './program.js'
import { type ConvPlan, planConv } from './conv-plan.js'
import { planDot, type DotPlan } from './routines.js'
import { simplify } from './simplify.js'
import { inStage, type Stage } from './stages.js'

/** One buffer of a schedule. Temporaries live at a byte offset of the workspace. */
export interface Slot {
  readonly kind: 'input' | 'output' | 'temporary' | 'constant'
  readonly dtype: StoredDType
  readonly length: number
  /** Byte offset in the workspace of a temporary. */
  readonly offset: number
  /** Value of a constant: one element. */
  readonly value: number
  /** Of an output: the donated input whose buffer it takes over. */
  readonly from?: number
}

/** What a device has to do beyond kernels, on whole buffers. */
export type Routine =
  | {
      readonly name: 'scan'
      readonly body: Schedule
      readonly constants: number
      readonly carry: number
      readonly length: number
      readonly reverse: boolean
    }
  | { readonly name: 'cond'; readonly branches: readonly Schedule[] }
  | {
      readonly name: 'while'
      readonly test: Schedule
      readonly body: Schedule
      readonly testConstants: number
      readonly bodyConstants: number
    }
  | {
      /** Hands values to the host; no results. */
      readonly name: 'callback'
      readonly call: EffectParams['debug_callback']
      readonly avals: readonly Aval[]
    }
  | ({ readonly name: 'dot' } & DotPlan)
  | ({ readonly name: 'conv' } & ConvPlan)
  | {
      /** An operation that carries its own code, run on each of `batch` items. */
      readonly name: 'routine'
      readonly routine: AnyRoutine
      readonly params: unknown
      readonly batch: number
      readonly operands: readonly CoreType[]
      readonly results: readonly CoreType[]
    }
  | {
      readonly name: 'sort'
      readonly outer: number
      readonly length: number
      readonly inner: number
      /** How many leading operands are compared. */
      readonly keys: number
    }
  | {
      readonly name: 'cumsum'
      readonly outer: number
      readonly length: number
      readonly inner: number
      readonly reverse: boolean
    }
  | {
      readonly name: 'scatter'
      readonly op: ScatterOp
      /** Per indexed axis: its extent and its stride in the target. */
      readonly extents: readonly number[]
      readonly strides: readonly number[]
      /** Target offsets of the elements of one update, in order. */
      readonly window: { readonly shape: readonly number[]; readonly strides: readonly number[] }
      readonly updates: number
    }

export type Step =
  /** Kernels that share their outermost loops; `reads` and `writes` are positions among the step's inputs and outputs. */
  | {
      readonly kind: 'cluster'
      readonly prefix: readonly number[]
      readonly members: readonly {
        readonly kernel: Kernel<number>
        readonly reads: readonly number[]
        readonly writes: number
        /** Whether the result's slot holds one point's elements, written over at every point. */
        readonly local: boolean
      }[]
      readonly inputs: readonly number[]
      readonly outputs: readonly number[]
    }
  | {
      readonly kind: 'kernel'
      readonly kernel: Kernel<number>
      readonly inputs: readonly number[]
      readonly outputs: readonly number[]
    }
  | {
      readonly kind: 'routine'
      readonly routine: Routine
      readonly inputs: readonly number[]
      readonly outputs: readonly number[]
    }

/**
 * A program as a device runs it: buffers, then kernels and routines in order. Plain data. An output may be an input's
 * buffer (a reshape shares it).
 */
export interface Schedule {
  readonly slots: readonly Slot[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly steps: readonly Step[]
  readonly workspaceBytes: number
}

const stored = (x: Atom): StoredDType => x.aval.dtype as StoredDType

/** The passes before fusion: calls inlined, keys lowered to words, nothing computed twice or for nothing. */
export const optimize = (program: Program): Program => {
  let flat = program
  let lowered = false
  for (const [stage, pass] of passes) {
    flat = inStage(stage, () => pass(flat))
    lowered ||= pass === lowerKeys
    watchPass?.(flat, pass.name, lowered)
  }
  return flat
}
const passes: readonly (readonly [Stage, (program: Program) => Program])[] = [
  ['inline', eliminateDeadCode],
  ['inline', inlineCalls],
  ['simplify', lowerKeys],
  ['simplify', simplify],
  ['cse', eliminateCommonSubexpressions],
  ['cse', eliminateDeadCode],
]

let watchPass: ((program: Program, pass: string, lowered: boolean) => void) | null = null

/** Shows every program that is compiled to `watch`, after each pass (`lowered`: its keys are words now): for tests. */
export const watchPasses = (watch: typeof watchPass): void => {
  watchPass = watch
}

/** Fuses a program into kernels and routines and places its values; `donated` inputs (by position) may be overwritten. */
export const makeSchedule = (program: Program, donated: readonly number[] = []): Schedule =>
  inStage('lower', () => scheduleOf(program, donated))

const scheduleOf = (program: Program, donated: readonly number[]): Schedule => {
  const flat = optimize(program)
  const { roots, stored: materialized } = inStage('fuse', () => fuse(flat))
  const isRoot = new Set(roots)
  const producer = new Map<Atom, Equation>()
  for (const eqn of flat.equations) for (const o of eqn.outputs) producer.set(o, eqn)

  const slots: Slot[] = []
  const slotOf = new Map<Atom, number>()
  const addSlot = (kind: Slot['kind'], x: Atom, value = 0): number => {
    const id = slots.push({ kind, dtype: stored(x), length: sizeOf(x.aval.shape), offset: 0, value }) - 1
    slotOf.set(x, id)
    return id
  }
  const inputs = flat.inputs.map((v) => addSlot('input', v))
  /** The buffer of a value, through reshapes; null for one that is computed where it is used. */
  const find = (x: Atom): number | null => {
    const known = slotOf.get(x)
    if (known !== undefined) return known
    if (x.kind === 'literal') return addSlot('constant', x, Number(x.value))
    const eqn = producer.get(x)
    if (eqn?.primitive === 'reshape' && !materialized.has(x)) {
      const operand = eqn.inputs[0]!
      return operand.kind === 'literal' ? null : find(operand)
    }
    return null
  }
  const need = (x: Atom): number => {
    const slot = find(x)
    if (slot === null) throw new Error(`schedule: an operand of a routine was not stored`)
    return slot
  }

  const steps: Step[] = []
  const looseOf = new Map<Step, Loose<Var>>()
  const effectful = new Set<Step>()
  /** The numbers of the steps that come first behind a barrier. */
  const barriers = new Set<number>()
  const sources = { producer: (v: Var): Equation => producer.get(v)!, slot: (v: Var): number | null => find(v) }
  const lower = (eqn: Equation): void => {
    if (eqn.primitive === 'optimization_barrier') {
      // The same buffers: that they are stored by now is all.
      eqn.outputs.forEach((o, i) => slotOf.set(o, need(eqn.inputs[i]!)))
      barriers.add(steps.length)
      return
    }
    if (isRoutine(eqn)) {
      const args = eqn.inputs.map((x) => operandOf(eqn, x, producer))
      const ins = args.map(need)
      const outs = eqn.outputs.map((o) => addSlot('temporary', o))
      const step: Step = { kind: 'routine', routine: planRoutine(eqn, args, producer), inputs: ins, outputs: outs }
      if (hasEffect(eqn)) effectful.add(step)
      steps.push(step)
      return
    }
    const v = eqn.outputs[0]!
    if (!isRoot.has(v)) return
    const { kernel, slots: reads } = lowerKernel([v], sources)
    const outs = [addSlot('temporary', v)]
    const step: Step = { kind: 'kernel', kernel: collapse(kernel), inputs: reads, outputs: outs }
    looseOf.set(step, { roots: [v], kernel, inputs: reads, outputs: outs })
    steps.push(step)
  }
  flat.equations.forEach(lower)
  const lowerTogether = (together: readonly Var[]): Step => {
    const outs = together.map((v) => slotOf.get(v)!)
    // A reshape of a result has the result's buffer, which this kernel is about to write.
    const slot = (v: Var): number | null => {
      const found = find(v)
      return found !== null && outs.includes(found) ? null : found
    }
    const { kernel, slots: reads } = lowerKernel(together, { ...sources, slot })
    return { kind: 'kernel', kernel: collapse(kernel), inputs: reads, outputs: outs }
  }
  const outputs = flat.outputs.map(need)
  for (const id of outputs) if (slots[id]!.kind === 'temporary') slots[id] = { ...slots[id]!, kind: 'output' }
  const fences = new Set(steps.filter((_, i) => barriers.has(i)))
  const live = steps.filter((s) => effectful.has(s) || s.outputs.some((o) => slots[o]!.length > 0))
  const clustered = inStage('cluster', () => clusterSteps(live, slots, fences))
  const joined = inStage('merge', () =>
    mergeKernels(clustered, (step) => looseOf.get(step) ?? null, lowerTogether, fences),
  )
  const whole = { slots, inputs, outputs, steps: joined, workspaceBytes: 0 }
  return inStage('plan', () => planMemory(whole, dtypeBytes, new Set(donated.map((i) => inputs[i]!))))
}

const planRoutine = (eqn: Equation, args: readonly Atom[], producer: ReadonlyMap<Atom, Equation>): Routine => {
  const shape = eqn.inputs[0]?.aval.shape ?? []
  switch (eqn.primitive) {
    case 'dot_general':
      return { name: 'dot', ...planDot(eqn, args, producer) }
    case 'conv_general_dilated':
      return { name: 'conv', ...planConv(eqn, args, producer) }
    case 'sort':
    case 'cumsum': {
      const { axis } = eqn.params
      const span = { outer: sizeOf(shape.slice(0, axis)), length: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) }
      return eqn.primitive === 'sort'
        ? { name: 'sort', ...span, keys: eqn.params.numKeys ?? 1 }
        : { name: 'cumsum', ...span, reverse: eqn.params.reverse }
    }
    case 'scatter': {
      const { axes, op } = eqn.params
      const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
      const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i))
      return {
        name: 'scatter',
        op,
        extents: axes.map((a) => shape[a]!),
        strides: axes.map((a) => strides[a]!),
        window: { shape: kept.map((i) => shape[i]!), strides: kept.map((i) => strides[i]!) },
        updates: sizeOf(eqn.inputs[1]!.aval.shape),
      }
    }
    case 'routine': {
      const { routine, params } = eqn.params
      const { batch, operands } = coreTypes(
        routine,
        params,
        eqn.inputs.map((x) => x.aval),
      )
      const results = routine.types(operands, params as never)
      return { name: 'routine', routine, params, batch: sizeOf(batch), operands, results }
    }
    case 'scan':
      return { ...eqn.params, name: 'scan', body: makeSchedule(eqn.params.body) }
    case 'debug_callback':
      return { name: 'callback', call: eqn.params, avals: eqn.inputs.map((x) => x.aval) }
    case 'cond':
      return { name: 'cond', branches: eqn.params.branches.map((b) => makeSchedule(b)) }
    case 'while':
      return { ...eqn.params, name: 'while', test: makeSchedule(eqn.params.test), body: makeSchedule(eqn.params.body) }
    default:
      throw new Error(`schedule: ${eqn.primitive} is no routine`)
  }
}
