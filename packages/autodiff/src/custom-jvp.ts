import { StateError, tree } from '@linum/tensor'
import { bind, currentTrace, isFloat, type JvpPrograms, traceProgram } from '@linum/tensor/core'
import {
  checkLike,
  checkType,
  type CustomCall,
  type CustomFunction,
  takeApart,
  tensorsOf,
  traceCustom,
} from './custom-trace.js'
import type { CustomOptions, Picked } from './custom-vjp.js'
import type { Argnum } from './grad.js'
import { filled } from './rules/forward/rule.js'

/** The arguments that nondiffArgnums does not name. */
type Others<A extends readonly unknown[], N extends readonly number[]> = N extends readonly [] ? A : readonly unknown[]

const programsOf = (
  call: CustomCall,
  rule: (...args: never[]) => unknown,
): ReturnType<typeof traceCustom<JvpPrograms>> => {
  const avals = call.tensors.map((t) => t.aval)
  const real = avals.filter((a) => isFloat(a.dtype))
  return traceCustom<JvpPrograms>(
    call,
    (primal) => [
      traceProgram(`${call.label} rule`, [...avals, ...real.map((a) => ({ ...a, weak: false }))], (tracers) => {
        const primals = tracers.slice(0, avals.length)
        const moves = tracers.slice(avals.length).values()
        const tangents = primals.map((x) => (isFloat(x.dtype) ? moves.next().value! : filled(null, x)))
        const out = rule(...([...call.nondiff, call.own(primals), call.own(tangents)] as never[]))
        if (out instanceof Promise) return out as never
        if (!Array.isArray(out) || out.length !== 2)
          throw new StateError(
            `${call.label}: the rule must return a pair [output, tangent], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`,
          )
        const [output, tangent] = out as readonly unknown[]
        const want = { def: primal.def, tensors: primal.program.outputs.map((o) => o.aval) }
        const what = `${call.label}: the output that the rule returned`
        const moved = `${call.label}: the tangent that the rule returned`
        const [result, along] = [tensorsOf(what, output), tensorsOf(moved, tangent)]
        checkLike(what, result, want, "the function's own")
        // Tangents of integers are not looked at.
        const loose = want.tensors.map((a, i) => (isFloat(a.dtype) ? a : (along.tensors[i] ?? a)))
        checkLike(moved, along, { def: want.def, tensors: loose }, 'the output')
        const typed = result.tensors.map((t, i) => checkType(what, t, want.tensors[i]!))
        const change = along.tensors.flatMap((t, i) =>
          isFloat(want.tensors[i]!.dtype) ? [checkType(moved, t, want.tensors[i]!)] : [],
        )
        return [...typed, ...change]
      }),
    ],
    ([forward]) => ({ forward: forward! }),
  )
}

/**
 * `f` with a derivative of its own: `rule` takes the arguments in nondiffArgnums, the other arguments and their
 * tangents (two arrays), and returns `[output, tangent]`, linear in the tangents. Reverse mode goes back through the
 * rule. Inside a transform both are traced, and have to be functions of tensors; they may close over values, which
 * cannot be differentiated.
 *
 * Throws StateError, ShapeError or DtypeError, naming the path, where the rule returns what does not fit.
 */
export const customJvp = <A extends readonly unknown[], R, const N extends readonly Argnum<A>[] = readonly []>(
  f: (...args: A) => R,
  rule: (
    ...args: [...Picked<NoInfer<A>, N>, primals: Others<NoInfer<A>, N>, tangents: Others<NoInfer<A>, N>]
  ) => readonly [NoInfer<R>, NoInfer<R>],
  options: CustomOptions<N> = {},
): ((...args: A) => R) => {
  const fn: CustomFunction = { kind: 'customJvp', f: f as never, nondiffArgnums: options.nondiffArgnums ?? [] }
  const call = (...args: A): R => {
    if (currentTrace() === null) return f(...args)
    const taken = takeApart(fn, args)
    const meaning = programsOf(taken, rule as never)
    if (meaning.kind === 'plain') {
      const { program, captured, def } = meaning.primal
      return tree.unflatten(def, bind('jit', [...captured, ...taken.tensors], { program, name: taken.label })) as R
    }
    const { program, captured, rule: tied, def } = meaning.programs
    const params = { program, name: taken.label, constants: captured.length, rule: tied }
    return tree.unflatten(def, bind('custom_jvp', [...captured, ...taken.tensors], params)) as R
  }
  return Object.defineProperty(call, 'name', { value: f.name })
}
