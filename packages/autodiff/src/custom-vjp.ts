import { StateError, type Tensor, tree } from '@linum/tensor'
import {
  bind,
  currentTrace,
  flattenResult,
  isFloat,
  mergeLeaves,
  traceProgram,
  type VjpPrograms,
} from '@linum/tensor/core'
import {
  type CustomCall,
  type CustomFunction,
  checkLike,
  checkType,
  takeApart,
  tensorsOf,
  traceCustom,
} from './custom-trace.js'
import type { Argnum } from './grad.js'
import { filled } from './rules/forward/rule.js'
import { leafTensor } from './vjp.js'

/** The arguments that `nondiffArgnums` names, in its order. */
export type Picked<A extends readonly unknown[], N extends readonly number[]> = { [K in keyof N]: A[N[K]] }

export interface CustomOptions<N> {
  /** Arguments that are not differentiated: any values; the rule gets them first. */
  readonly nondiffArgnums?: N
}

/** From a pair [output, residuals] to its parts. */
const pairOf = (label: string, out: unknown): readonly [output: unknown, residuals: unknown] => {
  if (Array.isArray(out) && out.length === 2) return out as unknown as readonly [unknown, unknown]
  throw new StateError(
    `${label}: fwd must return a pair [output, residuals], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`,
  )
}

const isNothing = (x: unknown): x is null | undefined => x === null || x === undefined

const isBranch = (x: unknown): x is Readonly<Record<string, unknown>> | readonly unknown[] =>
  Array.isArray(x) || (typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype)

/** The cotangent at every leaf of an argument; null, there or further up, for none. */
const cotangentLeaves = (what: string, argument: unknown, cotangent: unknown, path: tree.Path): unknown[] => {
  const leaves = tree.leaves(argument)
  if (isNothing(cotangent)) return leaves.map(() => null)
  const mismatch = (): never => {
    throw new StateError(
      `${what}${path.length === 0 ? '' : ` at ${tree.keystr(path)}`} must have the structure of the argument (null for no cotangent), got ${String(tree.structure(cotangent))} for ${String(tree.structure(argument))}`,
    )
  }
  if (isBranch(argument)) {
    const [own, given] = [Object.keys(argument).sort(), isBranch(cotangent) ? Object.keys(cotangent).sort() : null]
    if (given === null || Array.isArray(cotangent) !== Array.isArray(argument) || own.join() !== given.join())
      return mismatch()
    const keys: readonly (string | number)[] = Array.isArray(argument) ? argument.map((_, i) => i) : own
    return keys.flatMap((k) =>
      cotangentLeaves(
        what,
        argument[k as keyof typeof argument],
        (cotangent as typeof argument)[k as keyof typeof argument],
        [...path, k],
      ),
    )
  }
  if (!tree.structure(cotangent).equals(tree.structure(argument))) return mismatch()
  return tree.leaves(cotangent)
}

/** The cotangents that bwd returned, one for every tensor among the arguments; null for none. */
const returnedCotangents = (
  call: CustomCall,
  args: readonly unknown[],
  returned: unknown,
): readonly (Tensor | null)[] => {
  if (!Array.isArray(returned) || returned.length !== args.length)
    throw new StateError(
      `${call.label}: bwd must return an array of one cotangent per argument, ${args.length} in all, got ${Array.isArray(returned) ? `an array of ${returned.length}` : typeof returned}`,
    )
  return args.flatMap((arg, i) => {
    const what = `${call.label}: the cotangent that bwd returned for argument ${i}`
    const cts = cotangentLeaves(what, arg, (returned as readonly unknown[])[i], [])
    return tree.leavesWithPath(arg).flatMap(([path, leaf], k): (Tensor | null)[] => {
      const x = leafTensor(leaf)
      if (x === null) return []
      const ct = cts[k]
      if (isNothing(ct) || !isFloat(x.dtype)) return [null]
      const where = path.length === 0 ? what : `${what} at ${tree.keystr(path)}`
      const t = leafTensor(ct)
      if (t === null) throw new TypeError(`${where} must be a tensor, got ${typeof ct}`)
      return [checkType(where, t, x)]
    })
  })
}

type Bwd = (...args: never[]) => unknown

const programsOf = (
  call: CustomCall,
  fwd: (...args: never[]) => unknown,
  bwd: Bwd,
): ReturnType<typeof traceCustom<VjpPrograms>> => {
  let flows: readonly boolean[] = []
  return traceCustom<VjpPrograms>(
    call,
    (primal) => {
      let residuals: ReturnType<typeof flattenResult> | undefined
      const forward = traceProgram(
        `${call.label} fwd`,
        call.tensors.map((t) => t.aval),
        (tracers) => {
          const out = fwd(...(call.full(tracers) as never[]))
          if (out instanceof Promise) return out as never
          const [output, kept] = pairOf(call.label, out)
          const result = tensorsOf(`${call.label}: the output that fwd returned`, output)
          const want = { def: primal.def, tensors: primal.program.outputs.map((o) => o.aval) }
          checkLike(`${call.label}: the output that fwd returned`, result, want, "the function's own")
          const typed = result.tensors.map((t, i) => checkType('', t, want.tensors[i]!))
          residuals = flattenResult(kept)
          return [...typed, ...residuals.tensors]
        },
      )
      const outputs = primal.program.outputs.map((o) => o.aval)
      const kept = forward.program.outputs.slice(outputs.length).map((o) => o.aval)
      const cotangents = outputs.filter((a) => isFloat(a.dtype)).map((a) => ({ ...a, weak: false }))
      const backward = traceProgram(`${call.label} bwd`, [...kept, ...cotangents], (tracers) => {
        const cts = tracers.slice(kept.length).values()
        const ct = outputs.map((a) => (isFloat(a.dtype) ? cts.next().value! : filled(null, a as never)))
        const rebuilt = tree.unflatten(residuals!.def, mergeLeaves(residuals!.statics, tracers.slice(0, kept.length)))
        const out = bwd(...([...call.nondiff, rebuilt, tree.unflatten(primal.def, ct)] as never[]))
        if (out instanceof Promise) return out as never
        const grads = returnedCotangents(call, call.own(call.tensors), out)
        flows = grads.map((g) => g !== null)
        return grads.filter((g) => g !== null)
      })
      return [forward, backward]
    },
    ([forward, backward]) => {
      const captured = forward!.inputs.length - call.tensors.length
      return {
        forward: forward!,
        backward: backward!,
        flows: [...Array.from({ length: captured }, () => false), ...flows],
      }
    },
  )
}

/**
 * `f` with a reverse rule of its own. `fwd` takes the arguments and returns `[output, residuals]`; `bwd` takes the
 * arguments in nondiffArgnums, the residuals and the output's cotangent, and returns an array of one cotangent per
 * other argument, null for none. Inside a transform all three are traced, and have to be functions of tensors; they
 * may close over values, which cannot be differentiated. Forward mode throws TypeError, as in JAX.
 *
 * Throws StateError, ShapeError or DtypeError, naming the argument and the path, where fwd or bwd returns what does not
 * fit.
 */
export const customVjp = <
  A extends readonly unknown[],
  R,
  Residuals,
  const N extends readonly Argnum<A>[] = readonly [],
>(
  f: (...args: A) => R,
  fwd: (...args: NoInfer<A>) => readonly [NoInfer<R>, Residuals],
  bwd: (...args: [...Picked<NoInfer<A>, N>, NoInfer<Residuals>, NoInfer<R>]) => readonly unknown[],
  options: CustomOptions<N> = {},
): ((...args: A) => R) => {
  const fn: CustomFunction = { kind: 'customVjp', f: f as never, nondiffArgnums: options.nondiffArgnums ?? [] }
  const call = (...args: A): R => {
    if (currentTrace() === null) return f(...args)
    const taken = takeApart(fn, args)
    const meaning = programsOf(taken, fwd as never, bwd as never)
    if (meaning.kind === 'plain') {
      const { program, captured, def } = meaning.primal
      return tree.unflatten(def, bind('jit', [...captured, ...taken.tensors], { program, name: taken.label })) as R
    }
    const { program, captured, rule, def } = meaning.programs
    const params = { program, name: taken.label, constants: captured.length, rule }
    return tree.unflatten(def, bind('custom_vjp', [...captured, ...taken.tensors], params)) as R
  }
  return Object.defineProperty(call, 'name', { value: f.name })
}
