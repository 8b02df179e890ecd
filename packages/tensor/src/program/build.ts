import type { Aval } from '../core/dtype.js'
import { Tensor } from '../core/tensor.js'
import { baseTrace, isRunning, leaked, type Trace, withTrace } from '../core/trace.js'
import type { PrimitiveName, PrimitiveParams } from '../primitives/primitive.js'
import { inferTypes } from '../primitives/type-rules.js'
import { inStage } from './stages.js'
import {
  type Atom,
  type Equation,
  eliminateDeadCode,
  makeEquation,
  makeVar,
  type Program,
  type Var,
} from './program.js'

/** A placeholder that stands for a program's variable while the program is traced. */
class BuildTracer extends Tensor {
  readonly atom: Atom

  constructor(trace: BuildTrace, atom: Atom) {
    super(atom.aval, trace, null)
    this.atom = atom
  }
}

/** Records every operation as an equation, also those without traced arguments. */
export class BuildTrace implements Trace {
  readonly dynamic = true
  readonly level: number
  readonly label: string
  readonly #equations: Equation[] = []
  readonly #captured = new Map<Tensor, Var>()

  constructor(level: number, label: string) {
    this.level = level
    this.label = label
  }

  /** A new variable and its placeholder. */
  variable(aval: Aval): { readonly tracer: Tensor; readonly atom: Var } {
    const atom = makeVar(aval)
    return { tracer: new BuildTracer(this, atom), atom }
  }

  /** What stands for `x` in the program: a variable of it, a literal for a known scalar, else a captured input. */
  atomOf(x: Tensor): Atom {
    if (x instanceof BuildTracer && x.trace === this) return x.atom
    if (!isRunning(x.trace)) throw leaked(x)
    if (x.ndim === 0 && x.concrete && x.dtype !== 'key') {
      const value = baseTrace().known(x)
      if (value !== null) return { kind: 'literal', value, aval: x.aval }
    }
    let v = this.#captured.get(x)
    if (v === undefined) this.#captured.set(x, (v = makeVar(x.aval)))
    return v
  }

  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    const inputs = args.map((x) => this.atomOf(x))
    const outs = inferTypes(
      name,
      inputs.map((x) => x.aval),
      params,
    ).map((aval) => this.variable(aval))
    this.#equations.push(
      makeEquation(
        name,
        params,
        inputs,
        outs.map((o) => o.atom),
      ),
    )
    return outs.map((o) => o.tracer)
  }

  origin(x: Tensor): string | null {
    if (!(x instanceof BuildTracer)) return null
    const at = this.#equations.findIndex((eqn) => eqn.outputs.some((o) => o === x.atom))
    return at < 0
      ? 'an argument'
      : `the result of ${this.#equations[at]!.primitive}, operation ${at + 1} of the function`
  }

  get equations(): readonly Equation[] {
    return this.#equations
  }

  get captured(): ReadonlyMap<Tensor, Var> {
    return this.#captured
  }
}

/** A program and the outer values it uses, which are its leading inputs. */
export interface Traced {
  readonly program: Program
  readonly captured: readonly Tensor[]
}

/**
 * Runs `f` on placeholders of the given types and returns what it did as a Program. Captured outer tensors become
 * leading inputs, so the program itself holds no values.
 */
export const traceProgram = (
  label: string,
  avals: readonly Aval[],
  f: (args: readonly Tensor[]) => readonly Tensor[],
): Traced =>
  withTrace(
    (level) => new BuildTrace(level, label),
    (trace) => {
      const ins = avals.map((a) => trace.variable(a))
      const results = inStage('trace', () => f(ins.map((i) => i.tracer)))
      // Refused by withTrace, which says so better than a missing method would.
      if (results instanceof Promise) return results as never
      const outputs = results.map((x) => trace.atomOf(x))
      const captured = [...trace.captured.keys()]
      const inputs = [...trace.captured.values(), ...ins.map((i) => i.atom)]
      return { program: eliminateDeadCode({ inputs, equations: trace.equations, outputs }), captured }
    },
  )
