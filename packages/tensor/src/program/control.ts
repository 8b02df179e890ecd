import { ArrayOps, type TensorLike } from '../core/array-ops.js'
import { type Aval, type DType, isInteger, promote, type Typed } from '../core/dtype.js'
import { DtypeError, ShapeError, StateError, TraceError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { baseTrace, bind, bind1 } from '../core/trace.js'
import { literalLike, toTensor } from '../ops/operand.js'
import { flatten, keystr, leavesWithPath, type TreeDef, unflatten } from '../tree/tree.js'
import { traceProgram } from './build.js'
import { hoistInvariants } from './hoist.js'
import { type Atom, type Equation, makeEquation, makeVar, type Program } from './program.js'

/** A tree of tensors taken apart; numbers are weak, of the type that stands at their place in `like` or float32. */
const tensorsOf = (
  fn: string,
  tree: unknown,
  like: readonly Aval[] = [],
): { readonly tensors: readonly Tensor[]; readonly def: TreeDef } => {
  const [leaves, def] = flatten(tree)
  const tensors = leaves.map((leaf, i) => {
    if (typeof leaf === 'number') return literalLike(leaf, like[i]?.dtype ?? 'float32')
    if (leaf instanceof ArrayOps || typeof leaf === 'boolean') return toTensor(fn, leaf)
    if (leaf instanceof Promise) {
      leaf.catch(() => undefined)
      throw new TraceError(
        `${fn}: the function returned a Promise; transforms are synchronous, so await before or after`,
      )
    }
    const path = keystr(leavesWithPath(tree)[i]![0])
    throw new TypeError(
      `${fn}: expected tensors, got ${typeof leaf}${path === '' ? '' : ` at ${path}`}; close over values that are none`,
    )
  })
  return { tensors, def }
}

const strong = (x: Tensor): Tensor => (x.weak ? x.astype(x.dtype) : x)
const typeName = (a: Aval): string => `${a.dtype}${formatShape(a.shape)}`

/** Whether a result becomes `want` without loss: it is of that type, or weak and below it. */
const givesWay = (x: Aval, want: DType): boolean =>
  x.dtype === want || (x.weak && want !== 'key' && promote(x, { dtype: want, weak: false }).dtype === want)

/** What a body makes of its carry must have the carry's own types; weak results give way. */
const matchCarry = (fn: string, carry: readonly Aval[], def: TreeDef, result: unknown): readonly Tensor[] => {
  const out = tensorsOf(fn, result, carry)
  if (!out.def.equals(def))
    throw new StateError(`${fn}: the carry must keep its structure, got ${String(out.def)} for ${String(def)}`)
  return out.tensors.map((t, i) => {
    const want = carry[i]!
    const wrong = `${fn}: the carry must keep its types, got ${typeName(t.aval)} for ${typeName(want)}`
    if (!givesWay(t.aval, want.dtype)) throw new DtypeError(`${wrong}; convert it in the body`)
    if (!sameShape(t.shape, want.shape)) throw new ShapeError(wrong)
    return t.weak ? t.astype(want.dtype) : t
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

const lengthOf = (fn: string, xs: readonly Tensor[], length: number | undefined): number => {
  const scalar = xs.find((x) => x.ndim === 0)
  if (scalar !== undefined) throw new ShapeError(`${fn}: values to scan over need a leading axis, got a scalar`)
  const n = length ?? xs[0]?.shape[0]
  if (n === undefined) throw new TypeError(`${fn} got no values to scan over and length not provided.`)
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`${fn}: length must be a non-negative integer, got ${n}`)
  const odd = xs.find((x) => x.shape[0] !== n)
  if (odd !== undefined) throw new ShapeError(`${fn}: got different leading axis sizes, ${n} and ${odd.shape[0]}`)
  return n
}

/** Every loop of a known length, under the name that its errors bear. */
const loop = <C, X, Y>(
  fn: string,
  f: (carry: C, x: X) => readonly [C, Y],
  init: C,
  xs: X,
  options: ScanOptions,
): [C, Y] => {
  const start = tensorsOf(fn, init)
  const carry = start.tensors.map(strong)
  const scanned = tensorsOf(fn, xs)
  const length = lengthOf(fn, scanned.tensors, options.length)
  const carryAvals = carry.map((t) => t.aval)
  const stepAvals = scanned.tensors.map((t): Aval => ({ shape: t.shape.slice(1), dtype: t.dtype, weak: false }))
  let results: TreeDef | undefined
  const traced = traceProgram(fn, [...carryAvals, ...stepAvals], (args) => {
    const out = f(
      unflatten(start.def, args.slice(0, carry.length)) as C,
      unflatten(scanned.def, args.slice(carry.length)) as X,
    )
    if ((out as unknown) instanceof Promise) return out as never
    if (!Array.isArray(out) || out.length !== 2)
      throw new TypeError(
        `${fn}: the function must return [carry, y], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`,
      )
    const ys = tensorsOf(fn, out[1])
    results = ys.def
    return [...matchCarry(fn, carryAvals, start.def, out[0]), ...ys.tensors.map(strong)]
  })
  const { program, captured } = hoistInvariants(traced.program, traced.captured)
  const outs = bind('scan', [...captured, ...carry, ...scanned.tensors.map(strong)], {
    body: program,
    constants: captured.length,
    carry: carry.length,
    length,
    reverse: options.reverse === true,
  })
  return [unflatten(start.def, outs.slice(0, carry.length)) as C, unflatten(results!, outs.slice(carry.length)) as Y]
}

/**
 * A loop with state: `f(carry, x)` gives the next carry and one result per step; the result is `[carry, ys]`, ys with
 * a leading axis over the steps. Traced once; the carry keeps its types.
 */
export const scan = <C, X, Y>(
  f: (carry: C, x: X) => readonly [C, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [C, Y] => loop('scan', f, init, xs, options)

/** Applies `f` to each entry along the leading axis, one after the other. */
export const map = <X, Y>(f: (x: X) => Y, xs: X): Y => loop<null, X, Y>('map', (_, x) => [null, f(x)], null, xs, {})[1]

type Branch = (...operands: never[]) => unknown

/** Weak outputs of a branch as what the branches have in common: a number is written so, the rest converted. */
const adapt = (program: Program, types: readonly Aval[]): Program => {
  const conversions: Equation[] = []
  const outputs = program.outputs.map((o, i): Atom => {
    const { dtype } = types[i]!
    if (!o.aval.weak || dtype === 'key') return o
    if (o.kind === 'literal') return { ...o, aval: { shape: [], dtype, weak: false } }
    const v = makeVar({ ...o.aval, dtype, weak: false })
    conversions.push(makeEquation('convert', { dtype, weak: false }, [o], [v]))
    return v
  })
  return conversions.length === 0
    ? { ...program, outputs }
    : { ...program, equations: [...program.equations, ...conversions], outputs }
}

/** As `givesWay`, where a number written down counts as an integer if it is one. */
const fits = (x: Atom, want: DType): boolean =>
  givesWay(x.aval, want) || (x.kind === 'literal' && x.aval.weak && isInteger(want) && Number.isInteger(x.value))

/** Branches traced for the same operands and captured values; `names` are theirs in errors. */
const traceBranches = (
  fn: string,
  branches: readonly Branch[],
  names: readonly string[],
  operands: readonly unknown[],
): { readonly programs: readonly Program[]; readonly inputs: readonly Tensor[]; readonly def: TreeDef } => {
  const flat = tensorsOf(fn, operands)
  const args = flat.tensors.map(strong)
  const defs: TreeDef[] = []
  const traces = branches.map((branch) =>
    traceProgram(
      fn,
      args.map((t) => t.aval),
      (tracers) => {
        const out = branch(...(unflatten(flat.def, tracers) as never[]))
        if (out instanceof Promise) return out as never
        const result = tensorsOf(fn, out)
        defs.push(result.def)
        return result.tensors
      },
    ),
  )
  const def = defs[0]!
  const other = defs.findIndex((d) => !d.equals(def))
  if (other >= 0)
    throw new StateError(
      `${fn}: all branches must return one structure, got ${String(def)} from ${names[0]} and ${String(defs[other])} from ${names[other]}`,
    )
  const outputs = traces.map((t) => t.program.outputs)
  const types = outputs[0]!.map((_, i): Aval => {
    const own = outputs.map((o) => o[i]!)
    // The first that is not weak says what the others must be.
    const leader = Math.max(
      0,
      own.findIndex((o) => !o.aval.weak),
    )
    const lead = own[leader]!.aval
    const want = lead.weak ? { ...lead, ...own.map((o): Typed => o.aval).reduce(promote) } : lead
    own.forEach((got, b) => {
      const wrong = `${fn}: all branches must return the same types, got ${typeName(want)} from ${names[leader]} and ${typeName(got.aval)} from ${names[b]}`
      if (!fits(got, want.dtype)) throw new DtypeError(`${wrong}; convert one of them`)
      if (!sameShape(got.aval.shape, want.shape)) throw new ShapeError(wrong)
    })
    return want
  })
  // Every branch takes what any of them captured, so that all have the same inputs.
  const captured = [...new Set(traces.flatMap((t) => t.captured))]
  const programs = traces.map(({ program, captured: own }) => {
    const vars = program.inputs.slice(own.length)
    const lead = captured.map((t) => (own.includes(t) ? program.inputs[own.indexOf(t)]! : makeVar(t.aval)))
    return adapt({ ...program, inputs: [...lead, ...vars] }, types)
  })
  return { programs, inputs: [...captured, ...args], def }
}

/** Runs the branch with the given number (clamped to those there are); all must return the same types. */
export const switchCase = <O extends readonly unknown[], R>(
  index: TensorLike,
  branches: readonly ((...operands: O) => R)[],
  ...operands: O
): R => {
  if (branches.length === 0) throw new TypeError('switchCase: needs at least one branch')
  const i = typeof index === 'number' ? literalLike(index, 'int32') : toTensor('switchCase', index)
  if (i.ndim !== 0 || (i.dtype !== 'int32' && i.dtype !== 'uint32'))
    throw new DtypeError(
      `switchCase: the index must be an integer scalar, got ${i.dtype} of shape ${formatShape(i.shape)}`,
    )
  const { programs, inputs, def } = traceBranches(
    'switchCase',
    branches as readonly Branch[],
    branches.map((_, b) => `branch ${b}`),
    operands,
  )
  const clamped = i.clip(0, branches.length - 1).astype('int32')
  return unflatten(def, bind('cond', [clamped, ...inputs], { branches: programs })) as R
}

/** Runs one of two functions on the operands. Inside a transform both are traced; only the chosen one runs. */
export const cond = <O extends readonly unknown[], R>(
  pred: TensorLike,
  onTrue: (...operands: O) => R,
  onFalse: (...operands: O) => R,
  ...operands: O
): R => {
  const p = toTensor('cond', pred)
  if (p.ndim !== 0)
    throw new ShapeError(
      `cond: the predicate must be a scalar, got shape ${formatShape(p.shape)}; use where for a choice per element`,
    )
  if (p.dtype === 'key') throw new DtypeError('cond: the predicate must be a bool or a number, got a random key')
  const { programs, inputs, def } = traceBranches(
    'cond',
    [onTrue, onFalse] as readonly Branch[],
    ['onTrue', 'onFalse'],
    operands,
  )
  return unflatten(def, bind('cond', [truth(p).astype('int32'), ...inputs], { branches: [...programs].reverse() })) as R
}

/** A predicate as bool: a number holds where it is not 0. */
const truth = (p: Tensor): Tensor => (p.dtype === 'bool' ? p : p.notEqual(0))

/** Every loop of unknown length, under the name that its errors bear. */
const repeat = <C>(fn: string, test: (value: C) => TensorLike, body: (value: C) => C, init: C): C => {
  const start = tensorsOf(fn, init)
  const carry = start.tensors.map(strong)
  const avals = carry.map((t) => t.aval)
  const rebuild = (args: readonly Tensor[]): C => unflatten(start.def, args) as C
  const testing = traceProgram(fn, avals, (args) => {
    const out = test(rebuild(args))
    if ((out as unknown) instanceof Promise) return out as never
    const p = toTensor(fn, out)
    if (p.ndim !== 0) throw new ShapeError(`${fn}: the test must return a scalar, got shape ${formatShape(p.shape)}`)
    return [truth(p)]
  })
  const running = traceProgram(fn, avals, (args) => {
    const out: unknown = body(rebuild(args))
    return out instanceof Promise ? (out as never) : matchCarry(fn, avals, start.def, out)
  })
  const outs = bind('while', [...testing.captured, ...running.captured, ...carry], {
    test: testing.program,
    body: running.program,
    testConstants: testing.captured.length,
    bodyConstants: running.captured.length,
  })
  return unflatten(start.def, outs) as C
}

/** Repeats `body` on the value while `test` of it holds. Forward-mode derivatives only: its length is not known beforehand. */
export const whileLoop = <C>(test: (value: C) => TensorLike, body: (value: C) => C, init: C): C =>
  repeat('whileLoop', test, body, init)

const checkBound = (x: TensorLike): Tensor => {
  if (typeof x === 'number') {
    if (!Number.isInteger(x)) throw new TypeError(`foriLoop: bounds must be integers, got ${x}`)
    return baseTrace().literal(x, 'int32', false)
  }
  const t = toTensor('foriLoop', x)
  if (!isInteger(t.dtype))
    throw new DtypeError(`foriLoop: bounds must be integers, got ${t.dtype}; convert with astype('int32')`)
  if (t.ndim !== 0) throw new ShapeError(`foriLoop: bounds must be scalars, got shape ${formatShape(t.shape)}`)
  return t.astype('int32')
}

/**
 * `body(i, value)` for i from `lo` to before `hi`. With numbers for both it is a scan, which has all derivatives; with
 * tensors a while loop.
 */
export const foriLoop = <C>(lo: TensorLike, hi: TensorLike, body: (i: Tensor, value: C) => C, init: C): C => {
  const [first, end] = [checkBound(lo), checkBound(hi)]
  if (typeof lo === 'number' && typeof hi === 'number') {
    const counts = bind1('iota', [], { shape: [Math.max(0, hi - lo)], axis: 0, dtype: 'int32' }).add(first)
    return loop<C, Tensor, null>('foriLoop', (value, i) => [body(i, value), null], init, counts, {})[0]
  }
  return repeat<{ readonly i: Tensor; readonly value: C }>(
    'foriLoop',
    ({ i }) => i.less(end),
    ({ i, value }) => ({ i: i.add(1), value: body(i, value) }),
    { i: first, value: init },
  ).value
}
