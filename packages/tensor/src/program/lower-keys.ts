import type { Aval } from '../core/dtype.js'
import { DtypeError } from '../core/errors.js'
import type { PrimitiveName } from '../primitives/primitive.js'
import { type Atom, type Equation, makeEquation, makeVar, type Program, type Var } from './program.js'

const lowerAval = (a: Aval): Aval => (a.dtype === 'key' ? { shape: [...a.shape, 2], dtype: 'uint32', weak: false } : a)

/**
 * Replaces random keys by their words: a key of shape S becomes uint32 of shape S + [2]. Devices never see keys;
 * the random primitives keep their names and take words.
 */
export const lowerKeys = (program: Program): Program => {
  const isKey = (v: Var): boolean => v.aval.dtype === 'key'
  if (!program.inputs.some(isKey) && !program.equations.some((e) => e.outputs.some(isKey))) return program
  const env = new Map<Atom, Atom>()
  const define = (v: Var): Var => {
    if (v.aval.dtype !== 'key') return v
    const lowered = makeVar(lowerAval(v.aval))
    env.set(v, lowered)
    return lowered
  }
  const read = (x: Atom): Atom => env.get(x) ?? x
  const inputs = program.inputs.map(define)
  const equations: Equation[] = []
  for (const eqn of program.equations) {
    if (eqn.primitive === 'random_wrap' || eqn.primitive === 'random_unwrap') {
      env.set(eqn.outputs[0]!, read(eqn.inputs[0]!))
      continue
    }
    const args = eqn.inputs.map(read)
    const moves = !keepsOperands(eqn) && eqn.outputs[0]?.aval.dtype === 'key' ? moveWords(eqn, args, equations) : null
    equations.push(
      makeEquation(eqn.primitive, (moves?.params ?? eqn.params) as never, moves?.args ?? args, eqn.outputs.map(define)),
    )
  }
  return { inputs, equations, outputs: program.outputs.map(read) }
}

const keeping: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['scan', 'cond', 'while', 'optimization_barrier'])

/** Equations that take words as they do keys: programs inside them have their keys lowered when they are compiled. */
const keepsOperands = (eqn: Equation): boolean => keeping.has(eqn.primitive)

/** Where a window starts on the words' axis. */
const origin: Atom = { kind: 'literal', value: 0, aval: { shape: [], dtype: 'int32', weak: false } }

/** Parameters and operands of a data-moving equation on keys, with the words' axis appended. */
const moveWords = (
  eqn: Equation,
  args: readonly Atom[],
  equations: Equation[],
): { readonly params: unknown; readonly args: readonly Atom[] } => {
  const ndim = eqn.inputs[0]!.aval.shape.length
  switch (eqn.primitive) {
    case 'reshape':
      return { params: { shape: [...eqn.params.shape, 2] }, args }
    case 'transpose':
      return { params: { perm: [...eqn.params.perm, ndim] }, args }
    case 'broadcast_in_dim':
      return { params: { shape: [...eqn.params.shape, 2], dims: [...eqn.params.dims, eqn.params.shape.length] }, args }
    case 'slice':
      return {
        params: { start: [...eqn.params.start, 0], limit: [...eqn.params.limit, 2], stride: [...eqn.params.stride, 1] },
        args,
      }
    case 'select': {
      const condition = args[0]!
      const shape = [...condition.aval.shape, 1]
      const widened = makeVar({ ...condition.aval, shape })
      equations.push(makeEquation('reshape', { shape }, [condition], [widened]))
      return { params: null, args: [widened, ...args.slice(1)] }
    }
    case 'dynamic_slice':
      return { params: { sizes: [...eqn.params.sizes, 2] }, args: [...args, origin] }
    case 'dynamic_update_slice':
      return { params: null, args: [...args, origin] }
    case 'concatenate':
    case 'rev':
    case 'gather':
    case 'scatter':
    case 'stop_gradient':
    case 'checkpoint_name':
    case 'random_split':
    case 'random_fold_in':
      return { params: eqn.params, args }
    default:
      throw new DtypeError(`${eqn.primitive}: does not accept random keys; use random.keyData(key) for their words`)
  }
}
