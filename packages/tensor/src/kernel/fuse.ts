import { sizeOf } from '../core/shape.js'
import { isElementwise } from '../primitives/elementwise.js'
import type { PrimitiveName } from '../primitives/primitive.js'
import type { Atom, Equation, Program, Var } from '../program/program.js'
import { isReduction, loopsOf, reducedAxes } from './lower.js'
import { isWindow } from './reduce-window.js'

/** Primitives that a device runs as a routine on stored operands rather than as a kernel expression, and the barrier between kernels. */
const routines: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'dot_general',
  'conv_general_dilated',
  'sort',
  'scatter',
  'cumsum',
  'scan',
  'cond',
  'while',
  'debug_callback',
  'routine',
  'optimization_barrier',
])
export const isRoutine = (eqn: Equation): boolean => routines.has(eqn.primitive)

/** Relative cost of one element, to decide between computing again and storing. */
const expensive: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'exp',
  'expm1',
  'log',
  'log1p',
  'logistic',
  'sin',
  'cos',
  'tanh',
  'erf',
  'erf_inv',
  'exp2',
  'tan',
  'sinh',
  'cosh',
  'asin',
  'acos',
  'atan',
  'asinh',
  'acosh',
  'atanh',
  'cbrt',
  'erfc',
  'pow',
  'atan2',
  'random_bits',
  'random_split',
  'random_fold_in',
])
const moderate: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['div', 'sqrt', 'rsqrt', 'rem', 'gather'])
const weight = (eqn: Equation): number =>
  expensive.has(eqn.primitive) ? 20 : moderate.has(eqn.primitive) ? 3 : isElementwise(eqn.primitive) ? 1 : 0

/** At most this much is computed again in a second kernel, or for every element that a value is broadcast to. */
const cheap = 4
/** Beyond this an expression is cut, so that kernels stay small enough for compilers to optimise. */
const longest = 160

/** Which variables are stored, and which kernels compute them. */
export interface Fusion {
  /** Variables that get a buffer, other than the program's inputs. */
  readonly stored: ReadonlySet<Var>
  /** Stored variables that a kernel computes. */
  readonly roots: readonly Var[]
}

const isVar = (x: Atom): x is Var => x.kind === 'var'

/** How many elements of an operand an equation reads, where that may be more than there are: windows overlap. */
const readsOf = (eqn: Equation): number => {
  const size = sizeOf(eqn.outputs[0]!.aval.shape)
  if (isWindow(eqn)) return size * sizeOf(loopsOf(eqn))
  return isReduction(eqn) ? 0 : size
}

/**
 * Decides what to store. Elementwise operations and views join the kernels that use them; a value that several
 * kernels use, or that would be computed once per broadcast element, is stored unless it is cheap to compute again.
 * A reduction joins the one elementwise kernel of its own shape that consumes it, as that kernel's prologue.
 */
export const fuse = (program: Program): Fusion => {
  const producer = new Map<Var, Equation>()
  const consumers = new Map<Var, Equation[]>()
  for (const eqn of program.equations) {
    for (const o of eqn.outputs) producer.set(o, eqn)
    for (const x of eqn.inputs) {
      if (!isVar(x)) continue
      const of = consumers.get(x)
      if (of === undefined) consumers.set(x, [eqn])
      else if (of.at(-1) !== eqn) of.push(eqn)
    }
  }
  const stored = new Set<Var>()
  const roots = new Set<Var>()
  const storeAs = (v: Var): void => {
    stored.add(v)
    const eqn = producer.get(v)
    if (eqn !== undefined && !isRoutine(eqn)) roots.add(v)
  }
  /** A reshape of a stored value is the same buffer, so what has to be stored is its operand. */
  const store = (x: Atom): void => {
    if (!isVar(x) || stored.has(x)) return
    const eqn = producer.get(x)
    if (eqn === undefined) return
    if (eqn.primitive === 'reshape' && isVar(eqn.inputs[0]!)) store(eqn.inputs[0])
    else storeAs(x)
  }

  const cost = new Map<Atom, number>()
  for (const eqn of program.equations) {
    const own = eqn.inputs.reduce((sum, x) => sum + (cost.get(x) ?? (isVar(x) ? 1 : 0)), weight(eqn))
    // At least 1, so that what is used twice always costs more than what is used once.
    for (const o of eqn.outputs) cost.set(o, isRoutine(eqn) || isReduction(eqn) ? 1 : Math.max(1, own))
  }

  program.outputs.forEach(store)
  for (const eqn of program.equations) {
    if (!isRoutine(eqn)) continue
    for (const x of eqn.inputs) store(operandOf(eqn, x, producer))
    for (const o of eqn.outputs) storeAs(o)
  }

  /** The kernels, by their stored variable, that would compute a value again. */
  const users = new Map<Var, ReadonlySet<Var>>()
  const kernelsOf = (readers: readonly Equation[]): ReadonlySet<Var> => {
    if (readers.length === 1) {
      const o = readers[0]!.outputs[0]
      const same = o === undefined || stored.has(o) ? undefined : users.get(o)
      if (same !== undefined) return same
    }
    const kernels = new Set<Var>()
    for (const c of readers) {
      if (isRoutine(c)) continue
      const o = c.outputs[0]!
      if (stored.has(o)) kernels.add(o)
      else for (const k of users.get(o) ?? []) kernels.add(k)
    }
    return kernels
  }
  const absorbed = new Set<Var>()
  for (let i = program.equations.length - 1; i >= 0; i--) {
    const eqn = program.equations[i]!
    if (isRoutine(eqn)) continue
    const v = eqn.outputs[0]!
    if (stored.has(v)) continue
    const readers = consumers.get(v) ?? []
    const kernels = kernelsOf(readers)
    const size = sizeOf(v.aval.shape)
    const expands = readers.some((c) => !isRoutine(c) && readsOf(c) > size)
    const price = cost.get(v)!
    if (isReduction(eqn)) {
      const root = kernels.size === 1 ? [...kernels][0]! : null
      if (root !== null && !expands && canAbsorb(eqn, root, producer, absorbed, users, stored, consumers)) {
        absorbed.add(v)
        users.set(v, kernels)
      } else storeAs(v)
      continue
    }
    const again = kernels.size > 1 || expands
    if ((again && price > cheap) || price > longest) {
      store(v)
      if (stored.has(v)) continue
    }
    users.set(v, kernels)
  }
  return { stored, roots: [...roots] }
}

/** What a routine reads: products take a transposed operand as it is stored. */
export const operandOf = (eqn: Equation, x: Atom, producer: ReadonlyMap<Atom, Equation>): Atom => {
  const made = producer.get(x)
  const walks = eqn.primitive === 'dot_general' || eqn.primitive === 'conv_general_dilated'
  return walks && made?.primitive === 'transpose' ? made.inputs[0]! : x
}

/** Whether the reduction may run inside the kernel of `root`: same shape, and no other loops there. */
const canAbsorb = (
  eqn: Equation,
  root: Var,
  producer: ReadonlyMap<Var, Equation>,
  absorbed: ReadonlySet<Var>,
  users: ReadonlyMap<Var, ReadonlySet<Var>>,
  stored: ReadonlySet<Var>,
  consumers: ReadonlyMap<Var, readonly Equation[]>,
): boolean => {
  const v = eqn.outputs[0]!
  const target = producer.get(root)!
  if (isReduction(target) || sizeOf(root.aval.shape) !== sizeOf(v.aval.shape)) return false
  for (const other of absorbed) {
    if (!users.get(other)!.has(root)) continue
    const rival = producer.get(other)!
    const same =
      rival.inputs[0]!.aval.shape.join() === eqn.inputs[0]!.aval.shape.join() &&
      reducedAxes(rival).join() === reducedAxes(eqn).join() &&
      loopsOf(rival).join() === loopsOf(eqn).join()
    if (!same) return false
  }
  // Every path to the root must keep the number of elements: a detour through a bigger or smaller view would repeat the loops.
  const visited = new Set<Var>()
  const keepsSize = (x: Var): boolean =>
    (consumers.get(x) ?? []).every((c) => {
      const o = c.outputs[0]!
      if (visited.has(o)) return true
      visited.add(o)
      if (sizeOf(o.aval.shape) !== sizeOf(v.aval.shape)) return false
      return (isElementwise(c.primitive) || c.primitive === 'reshape') && (stored.has(o) || keepsSize(o))
    })
  return keepsSize(v)
}
