import { type Program, Tensor } from '@linum/tensor'
import { bind, evaluateProgram, isFloat, type PrimitiveName, type PrimitiveParams, type Trace, traceProgram, withTrace } from '@linum/tensor/core'
import { forwardRules } from './rules/forward/forward.js'
import { filled, type ForwardRule, type Tangent } from './rules/forward/rule.js'

/** A value with the tangent that it moves along. */
class JvpTracer extends Tensor {
  readonly primal: Tensor
  readonly tangent: Tensor

  constructor(trace: JvpTrace, primal: Tensor, tangent: Tensor) {
    super(primal.aval, trace, null)
    this.primal = primal
    this.tangent = tangent
  }
}

/** Computes values and their tangents together. */
export class JvpTrace implements Trace {
  readonly dynamic = false
  readonly level: number
  readonly label: string

  constructor(level: number, label: string) {
    this.level = level
    this.label = label
  }

  dual(primal: Tensor, tangent: Tangent): Tensor {
    return tangent === null ? primal : new JvpTracer(this, primal, tangent)
  }
  primalOf(x: Tensor): Tensor {
    return x instanceof JvpTracer && x.trace === this ? x.primal : x
  }
  tangentOf(x: Tensor): Tangent {
    return x instanceof JvpTracer && x.trace === this ? x.tangent : null
  }

  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    const inputs = args.map((x) => this.primalOf(x))
    const tangents = args.map((x) => this.tangentOf(x))
    if (name === 'jit') return forwardCall(this, params as PrimitiveParams['jit'], inputs, tangents)
    const outputs = bind(name, inputs, params)
    if (!outputs.some((o) => isFloat(o.dtype))) return outputs
    const rule = forwardRules[name as Exclude<K, 'jit'>] as ForwardRule<PrimitiveParams[K]>
    const moved = rule(tangents, { inputs, outputs, params })
    return outputs.map((o, i) => this.dual(o, isFloat(o.dtype) ? (moved[i] ?? null) : null))
  }
}

const forwardPrograms = new WeakMap<Program, Map<string, Program>>()

/** A program that takes tangents for some inputs behind its own, and gives one per floating-point output behind those. */
const forwardProgram = (program: Program, moving: readonly boolean[], label: string): Program => {
  let known = forwardPrograms.get(program)
  if (known === undefined) forwardPrograms.set(program, (known = new Map<string, Program>()))
  const key = moving.map(Number).join('')
  let made = known.get(key)
  if (made === undefined) {
    const count = program.inputs.length
    const tangentAvals = program.inputs.flatMap((v, i) => (moving[i] === true ? [{ ...v.aval, weak: false }] : []))
    made = traceProgram(label, [...program.inputs.map((v) => v.aval), ...tangentAvals], (args) =>
      withTrace(
        (level) => new JvpTrace(level, label),
        (trace) => {
          let next = count
          const duals = args.slice(0, count).map((x, i) => trace.dual(x, moving[i] === true ? args[next++]! : null))
          const outs = evaluateProgram(program, duals)
          const tangents = outs.flatMap((o) => (isFloat(o.dtype) ? [filled(trace.tangentOf(o), o)] : []))
          return [...outs.map((o) => trace.primalOf(o)), ...tangents]
        },
      ),
    ).program
    known.set(key, made)
  }
  return made
}

const forwardCall = (trace: JvpTrace, { program, name }: PrimitiveParams['jit'], inputs: readonly Tensor[], tangents: readonly Tangent[]): readonly Tensor[] => {
  const moving = tangents.map((t) => t !== null)
  const outs = bind('jit', [...inputs, ...tangents.filter((t) => t !== null)], { program: forwardProgram(program, moving, `jvp(${name})`), name })
  let next = program.outputs.length
  return program.outputs.map((o, i) => trace.dual(outs[i]!, isFloat(o.aval.dtype) ? outs[next++]! : null))
}
