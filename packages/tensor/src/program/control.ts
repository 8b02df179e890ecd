import { ArrayOps, type TensorLike } from '../core/array-ops.js'
import type { Aval } from '../core/dtype.js'
import { DtypeError, ShapeError, StateError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { baseTrace, bind, bind1 } from '../core/trace.js'
import { literalLike, toTensor } from '../ops/operand.js'
import { flatten, keystr, leavesWithPath, type TreeDef, unflatten } from '../tree/tree.js'
import { traceProgram } from './build.js'
import { hoistInvariants } from './hoist.js'
import type { Program } from './program.js'

/** A tree of tensors taken apart; numbers are weak float32 and become strong, so that loops keep their types. */
const tensorsOf = (fn: string, tree: unknown): { readonly tensors: readonly Tensor[]; readonly def: TreeDef } => {
  const [leaves, def] = flatten(tree)
  const tensors = leaves.map((leaf, i) => {
    if (leaf instanceof ArrayOps || typeof leaf === 'number' || typeof leaf === 'boolean') return toTensor(fn, leaf)
    const path = keystr(leavesWithPath(tree)[i]![0])
    throw new TypeError(`${fn}: expected tensors, got ${typeof leaf}${path === '' ? '' : ` at ${path}`}; close over values that are none`)
  })
  return { tensors, def }
}

const strong = (x: Tensor): Tensor => (x.weak ? x.astype(x.dtype) : x)
const typeName = (a: Aval): string => `${a.dtype}${formatShape(a.shape)}`

/** What a body makes of its carry must have the carry's own types; weak results give way. */
const matchCarry = (fn: string, carry: readonly Aval[], def: TreeDef, result: unknown): readonly Tensor[] => {
  const out = tensorsOf(fn, result)
  if (!out.def.equals(def)) throw new StateError(`${fn}: the carry must keep its structure, got ${String(out.def)} for ${String(def)}`)
  return out.tensors.map((t, i) => {
    const want = carry[i]!
    const fits = t.weak && want.dtype !== 'key' ? t.astype(want.dtype) : t
    if (fits.dtype !== want.dtype || !sameShape(fits.shape, want.shape)) {
      throw (fits.dtype === want.dtype ? new ShapeError(`${fn}: the carry must keep its types, got ${typeName(fits.aval)} for ${typeName(want)}`) : new DtypeError(`${fn}: the carry must keep its types, got ${typeName(fits.aval)} for ${typeName(want)}; convert it in the body`))
    }
    return fits
  })
}

export interface ScanOptions {
  /** How many steps; needed where nothing is scanned over. */
  readonly length?: number
  /** From the last step to the first. */
  readonly reverse?: boolean
  /** Accepted for JAX's sake: a hint that changes no result. */
  readonly unroll?: number | boolean
}

const lengthOf = (xs: readonly Tensor[], length: number | undefined): number => {
  const scalar = xs.find((x) => x.ndim === 0)
  if (scalar !== undefined) throw new ShapeError('scan: values to scan over need a leading axis, got a scalar')
  const n = length ?? xs[0]?.shape[0]
  if (n === undefined) throw new TypeError('scan got no values to scan over and length not provided.')
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`scan: length must be a non-negative integer, got ${n}`)
  const odd = xs.find((x) => x.shape[0] !== n)
  if (odd !== undefined) throw new ShapeError(`scan: got different leading axis sizes, ${n} and ${odd.shape[0]}`)
  return n
}

/**
 * A loop with state: `f(carry, x)` gives the next carry and one result per step; the result is `[carry, ys]`, ys with
 * a leading axis over the steps. Traced once; the carry keeps its types.
 */
export const scan = <C, X, Y>(f: (carry: C, x: X) => readonly [C, Y], init: C, xs: X, options: ScanOptions = {}): [C, Y] => {
  const start = tensorsOf('scan', init)
  const carry = start.tensors.map(strong)
  const scanned = tensorsOf('scan', xs)
  const length = lengthOf(scanned.tensors, options.length)
  const carryAvals = carry.map((t) => t.aval)
  const stepAvals = scanned.tensors.map((t): Aval => ({ shape: t.shape.slice(1), dtype: t.dtype, weak: false }))
  let results: TreeDef | undefined
  const traced = traceProgram('scan', [...carryAvals, ...stepAvals], (args) => {
    const out = f(unflatten(start.def, args.slice(0, carry.length)) as C, unflatten(scanned.def, args.slice(carry.length)) as X)
    if ((out as unknown) instanceof Promise) return out as never
    if (!Array.isArray(out) || out.length !== 2) throw new TypeError(`scan: the function must return [carry, y], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`)
    const ys = tensorsOf('scan', out[1])
    results = ys.def
    return [...matchCarry('scan', carryAvals, start.def, out[0]), ...ys.tensors.map(strong)]
  })
  const { program, captured } = hoistInvariants(traced.program, traced.captured)
  const outs = bind('scan', [...captured, ...carry, ...scanned.tensors.map(strong)], {
    body: program, constants: captured.length, carry: carry.length, length, reverse: options.reverse === true,
  })
  return [unflatten(start.def, outs.slice(0, carry.length)) as C, unflatten(results!, outs.slice(carry.length)) as Y]
}

/** Applies `f` to each entry along the leading axis, one after the other. */
export const map = <X, Y>(f: (x: X) => Y, xs: X): Y => scan<null, X, Y>((_, x) => [null, f(x)], null, xs)[1]

/** Branches traced for the same operands and captured values. */
const traceBranches = (fn: string, branches: readonly ((...operands: never[]) => unknown)[], operands: readonly unknown[]): { readonly programs: readonly Program[]; readonly inputs: readonly Tensor[]; readonly def: TreeDef } => {
  const flat = tensorsOf(fn, operands)
  const args = flat.tensors.map(strong)
  let def: TreeDef | undefined
  let types: readonly Aval[] | undefined
  const traces = branches.map((branch, b) =>
    traceProgram(fn, args.map((t) => t.aval), (tracers) => {
      const out = branch(...(unflatten(flat.def, tracers) as never[]))
      if (out instanceof Promise) return out as never
      const result = tensorsOf(fn, out)
      const tensors = result.tensors.map((t, i) => {
        const want = types?.[i]
        return t.weak && want !== undefined && want.dtype !== 'key' ? t.astype(want.dtype) : strong(t)
      })
      if (def === undefined || types === undefined) [def, types] = [result.def, tensors.map((t) => t.aval)]
      else if (!result.def.equals(def)) throw new StateError(`${fn}: all branches must return one structure, got ${String(def)} from the first and ${String(result.def)} from branch ${b}`)
      const odd = tensors.findIndex((t, i) => t.dtype !== types![i]!.dtype || !sameShape(t.shape, types![i]!.shape))
      if (odd >= 0) throw new ShapeError(`${fn}: all branches must return the same types, got ${typeName(types[odd]!)} from the first and ${typeName(tensors[odd]!.aval)} from branch ${b}`)
      return tensors
    }),
  )
  // Every branch takes what any of them captured, so that all have the same inputs.
  const captured = [...new Set(traces.flatMap((t) => t.captured))]
  const programs = traces.map(({ program, captured: own }) => {
    const vars = program.inputs.slice(own.length)
    const lead = captured.map((t) => (own.includes(t) ? program.inputs[own.indexOf(t)]! : { kind: 'var' as const, aval: t.aval }))
    return { ...program, inputs: [...lead, ...vars] }
  })
  return { programs, inputs: [...captured, ...args], def: def! }
}

/** Runs the branch with the given number (clamped to those there are); all must return the same types. */
export const switchCase = <O extends readonly unknown[], R>(index: TensorLike, branches: readonly ((...operands: O) => R)[], ...operands: O): R => {
  if (branches.length === 0) throw new TypeError('switchCase: needs at least one branch')
  const i = typeof index === 'number' ? literalLike(index, 'int32') : toTensor('switchCase', index)
  if (i.ndim !== 0 || (i.dtype !== 'int32' && i.dtype !== 'uint32')) throw new DtypeError(`switchCase: the index must be an integer scalar, got ${i.dtype} of shape ${formatShape(i.shape)}`)
  const { programs, inputs, def } = traceBranches('switchCase', branches as readonly ((...o: never[]) => unknown)[], operands)
  const clamped = i.clip(0, branches.length - 1).astype('int32')
  return unflatten(def, bind('cond', [clamped, ...inputs], { branches: programs })) as R
}

/** Runs one of two functions on the operands. Inside a transform both are traced; only the chosen one runs. */
export const cond = <O extends readonly unknown[], R>(pred: TensorLike, onTrue: (...operands: O) => R, onFalse: (...operands: O) => R, ...operands: O): R => {
  const p = toTensor('cond', pred)
  if (p.ndim !== 0) throw new ShapeError(`cond: the predicate must be a scalar, got shape ${formatShape(p.shape)}; use where for a choice per element`)
  const { programs, inputs, def } = traceBranches('cond', [onFalse, onTrue] as readonly ((...o: never[]) => unknown)[], operands)
  return unflatten(def, bind('cond', [p.notEqual(0).astype('int32'), ...inputs], { branches: programs })) as R
}

/** Repeats `body` on the value while `test` of it holds. Forward-mode derivatives only: its length is not known beforehand. */
export const whileLoop = <C>(test: (value: C) => TensorLike, body: (value: C) => C, init: C): C => {
  const start = tensorsOf('whileLoop', init)
  const carry = start.tensors.map(strong)
  const avals = carry.map((t) => t.aval)
  const rebuild = (args: readonly Tensor[]): C => unflatten(start.def, args) as C
  const testing = traceProgram('whileLoop', avals, (args) => {
    const p = toTensor('whileLoop', test(rebuild(args)))
    if (p.ndim !== 0) throw new ShapeError(`whileLoop: the test must return a scalar, got shape ${formatShape(p.shape)}`)
    return [p.notEqual(0)]
  })
  const running = traceProgram('whileLoop', avals, (args) => {
    const out: unknown = body(rebuild(args))
    return out instanceof Promise ? (out as never) : matchCarry('whileLoop', avals, start.def, out)
  })
  const outs = bind('while', [...testing.captured, ...running.captured, ...carry], {
    test: testing.program, body: running.program, testConstants: testing.captured.length, bodyConstants: running.captured.length,
  })
  return unflatten(start.def, outs) as C
}

/**
 * `body(i, value)` for i from `lo` to before `hi`. With numbers for both it is a scan, which has all derivatives; with
 * tensors a while loop.
 */
export const foriLoop = <C>(lo: TensorLike, hi: TensorLike, body: (i: Tensor, value: C) => C, init: C): C => {
  if (typeof lo === 'number' && typeof hi === 'number') {
    if (!Number.isInteger(lo) || !Number.isInteger(hi)) throw new TypeError(`foriLoop: bounds must be integers, got ${lo} and ${hi}`)
    const counts = bind1('iota', [], { shape: [Math.max(0, hi - lo)], axis: 0, dtype: 'int32' }).add(lo)
    return scan<C, Tensor, null>((value, i) => [body(i, value), null], init, counts)[0]
  }
  const bound = (x: TensorLike): Tensor => (typeof x === 'number' ? baseTrace().literal(x, 'int32', false) : toTensor('foriLoop', x).astype('int32'))
  const end = bound(hi)
  return whileLoop<{ readonly i: Tensor; readonly value: C }>(({ i }) => i.less(end), ({ i, value }) => ({ i: i.add(1), value: body(i, value) }), { i: bound(lo), value: init }).value
}
