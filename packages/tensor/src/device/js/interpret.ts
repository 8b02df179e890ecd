import type { StoredDType, TypedArray } from '../../core/dtype.js'
import type { Accumulator, Expr, Extent, Index, IndexAtom, Kernel, ReduceOp, ScalarOp, Test } from '../../kernel/ir.js'
import type { CompiledKernel } from './emit.js'
import * as H from './scalar-functions.js'

type Fit = (x: number) => number
type Scalar = (a: number, b: number, c: number, d: number, e: number) => number

const fitOf = (dtype: StoredDType): Fit =>
  dtype === 'float32' ? Math.fround : dtype === 'int32' ? (x) => x | 0 : dtype === 'uint32' ? (x) => x >>> 0 : (x) => x

const float = (f: (x: number) => number) => (): Scalar => (a) => Math.fround(f(a))
const test = (f: (a: number, b: number) => boolean) => (): Scalar => (a, b) => (f(a, b) ? 1 : 0)
const fitted =
  (f: (a: number, b: number) => number) =>
  (dtype: StoredDType): Scalar => {
    const fit = fitOf(dtype)
    return (a, b) => fit(f(a, b))
  }
const byType =
  (onFloat: Scalar, onInteger: Scalar, onBool: Scalar = onInteger) =>
  (dtype: StoredDType): Scalar => {
    const fit = fitOf(dtype)
    const f = dtype === 'float32' ? onFloat : dtype === 'bool' ? onBool : onInteger
    return (a, b, c, d, e) => fit(f(a, b, c, d, e))
  }

/** The meaning of every scalar operation as functions, for engines that may not compile code. */
const evaluators: Readonly<Record<ScalarOp, (dtype: StoredDType, argType: StoredDType) => Scalar>> = {
  exp: float(Math.exp),
  expm1: float(Math.expm1),
  log: float(Math.log),
  log1p: float(Math.log1p),
  logistic: float(H.logistic),
  sqrt: float(Math.sqrt),
  rsqrt: float((x) => 1 / Math.sqrt(x)),
  sin: float(Math.sin),
  cos: float(Math.cos),
  tanh: float(Math.tanh),
  erf: float(H.erf),
  erf_inv: float(H.erfInv),
  floor: float(Math.floor),
  ceil: float(Math.ceil),
  round: float(H.roundEven),
  neg: fitted((a) => -a),
  abs: byType(Math.abs, Math.abs),
  sign: (dtype) => (dtype === 'uint32' ? (a) => (a > 0 ? 1 : 0) : H.sign),
  add: byType(
    (a, b) => a + b,
    (a, b) => a + b,
    (a, b) => a | b,
  ),
  sub: fitted((a, b) => a - b),
  mul: byType(
    (a, b) => a * b,
    Math.imul,
    (a, b) => a & b,
  ),
  div: fitted((a, b) => a / b),
  rem: fitted((a, b) => a % b),
  pow: byType(H.pow, H.intPow),
  max: byType(
    (a, b) => Math.max(a, b),
    (a, b) => (a > b ? a : b),
  ),
  min: byType(
    (a, b) => Math.min(a, b),
    (a, b) => (a < b ? a : b),
  ),
  atan2: fitted(Math.atan2),
  fma: () => H.fma,
  and: fitted((a, b) => a & b),
  or: fitted((a, b) => a | b),
  xor: fitted((a, b) => a ^ b),
  not: byType(
    (a) => a,
    (a) => ~a,
    (a) => 1 - a,
  ),
  shift_left: fitted(H.shiftLeft),
  shift_right_logical: fitted(H.shiftRightLogical),
  shift_right_arithmetic: fitted(H.shiftRightArithmetic),
  eq: test((a, b) => a === b),
  ne: test((a, b) => a !== b),
  lt: test((a, b) => a < b),
  le: test((a, b) => a <= b),
  gt: test((a, b) => a > b),
  ge: test((a, b) => a >= b),
  is_finite: test((a) => Number.isFinite(a)),
  select: () => (c, a, b) => (c !== 0 ? a : b),
  convert: (dtype, from) =>
    dtype === 'bool'
      ? (x) => (x !== 0 ? 1 : 0)
      : from === 'float32' && dtype === 'int32'
        ? H.toInt32
        : from === 'float32' && dtype === 'uint32'
          ? H.toUint32
          : fitOf(dtype),
  bitcast: (dtype, from) => {
    const fit = fitOf(dtype)
    return from === dtype
      ? (x) => x
      : from === 'float32'
        ? (x) => fit(H.floatBits(x))
        : dtype === 'float32'
          ? H.bitsFloat
          : fit
  },
  threefry_bits: () => H.threefryBits,
  threefry_word: () => H.threefryWord,
}

/** What the loops are doing now. */
interface State {
  buffers: readonly TypedArray[]
  params: Int32Array
  readonly counters: number[]
  readonly accumulated: number[]
}
type Get = () => number

const starts: Readonly<Record<ReduceOp, (dtype: StoredDType) => number>> = {
  sum: () => 0,
  prod: () => 1,
  and: () => 1,
  or: () => 0,
  argmax: () => 0,
  argmin: () => 0,
  max: (d) => (d === 'float32' ? -Infinity : d === 'int32' ? -2147483648 : 0),
  min: (d) => (d === 'float32' ? Infinity : d === 'int32' ? 2147483647 : d === 'uint32' ? 4294967295 : 1),
}

class Interpreter {
  readonly state: State = { buffers: [], params: new Int32Array(0), counters: [], accumulated: [] }
  readonly #exprs = new Map<Expr, Get>()

  extent(e: Extent): Get {
    return typeof e === 'number' ? () => e : () => this.state.params[e.param]!
  }
  #atom(a: IndexAtom): Get {
    const { state } = this
    if (a.kind === 'axis') return () => state.counters[a.axis]!
    if (a.kind === 'value') return this.expr(a.of)
    const of = this.index(a.of)
    const by = this.extent(a.by)
    return a.kind === 'div' ? () => Math.trunc(of() / by()) : () => of() % by()
  }
  index(x: Index): Get {
    const offset = this.extent(x.offset)
    const terms = x.terms.map((t) => [this.#atom(t.atom), this.extent(t.factor)] as const)
    return () => terms.reduce((sum, [atom, factor]) => sum + atom() * factor(), offset())
  }
  #test(t: Test): () => boolean {
    const of = this.index(t.of)
    if (t.kind === 'divisible') {
      const by = this.extent(t.by)
      return () => of() % by() === 0
    }
    const [low, high] = [this.extent(t.low), this.extent(t.high)]
    return () => of() >= low() && of() < high()
  }
  expr(e: Expr): Get {
    let get = this.#exprs.get(e)
    if (get === undefined) this.#exprs.set(e, (get = this.#make(e)))
    return get
  }
  #make(e: Expr): Get {
    const { state } = this
    switch (e.kind) {
      case 'const': {
        const value = e.dtype === 'float32' ? Math.fround(e.value) : e.value
        return () => value
      }
      case 'acc':
        return () => state.accumulated[e.acc]!
      case 'index': {
        const of = this.index(e.of)
        const fit = e.dtype === 'bool' ? (x: number) => (x !== 0 ? 1 : 0) : fitOf(e.dtype)
        return () => fit(of() + 0)
      }
      case 'load': {
        const at = this.index(e.at)
        return () => state.buffers[e.input]![at()]!
      }
      case 'call': {
        const [a, b, c, d, w] = e.args.map((x) => this.expr(x))
        const f = evaluators[e.op](e.dtype, e.args[0]!.dtype)
        const none: Get = () => 0
        const [gb, gc, gd, gw] = [b ?? none, c ?? none, d ?? none, w ?? none]
        return () => f(a!(), gb(), gc(), gd(), gw())
      }
      case 'guard': {
        const tests = e.tests.map((t) => this.#test(t))
        const [then, otherwise] = [this.expr(e.then), this.expr(e.else)]
        return () => (tests.every((t) => t()) ? then() : otherwise())
      }
    }
  }
}

/** One step of a running value; arguments of extremes keep their best value beside. */
const updater = (
  a: Accumulator,
  k: number,
  value: Get,
  state: State,
): { readonly reset: () => void; readonly step: () => void; readonly finish: () => void } => {
  const acc = state.accumulated
  const fit = fitOf(a.dtype)
  const isFloat = a.dtype === 'float32'
  let best = 0
  let n = 0
  const steps: Readonly<Record<ReduceOp, () => void>> = {
    sum: () => (acc[k] = isFloat ? acc[k]! + value() : fit(acc[k]! + value())),
    prod: () => (acc[k] = isFloat ? acc[k]! * value() : fit(Math.imul(acc[k]!, value()))),
    max: () => (acc[k] = Math.max(acc[k]!, value())),
    min: () => (acc[k] = Math.min(acc[k]!, value())),
    and: () => (acc[k]! &= value()),
    or: () => (acc[k]! |= value()),
    argmax: () => arg((x) => x > best),
    argmin: () => arg((x) => x < best),
  }
  const arg = (better: (x: number) => boolean): void => {
    const x = value()
    if (n === 0 || better(x) || (Number.isNaN(x) && !Number.isNaN(best))) {
      best = x
      acc[k] = n
    }
    n++
  }
  return {
    reset: () => {
      acc[k] = starts[a.op](a.dtype)
      n = 0
    },
    step: steps[a.op],
    finish: () => (acc[k] = fit(acc[k]!)),
  }
}

/** The same function as compiled code, by walking the kernel: slow, and allowed everywhere. */
export const interpretKernel = (kernel: Kernel): CompiledKernel => {
  const machine = new Interpreter()
  const { state } = machine
  const extents = [...kernel.grid, ...kernel.reduce].map((e) => machine.extent(e))
  const accumulators = kernel.accumulators.map((a, k) => updater(a, k, machine.expr(a.value), state))
  const outputs = kernel.outputs.map((e) => machine.expr(e))
  const loop = (axis: number, end: number, body: () => void): void => {
    if (axis === end) return body()
    const n = extents[axis]!()
    for (let i = 0; i < n; i++) {
      state.counters[axis] = i
      loop(axis + 1, end, body)
    }
  }
  return (buffers, params) => {
    state.buffers = buffers
    state.params = params
    let at = 0
    loop(0, kernel.grid.length, () => {
      accumulators.forEach((a) => a.reset())
      if (accumulators.length > 0) loop(kernel.grid.length, extents.length, () => accumulators.forEach((a) => a.step()))
      accumulators.forEach((a) => a.finish())
      outputs.forEach((get, k) => (buffers[kernel.inputs.length + k]![at] = get()))
      at++
    })
    state.buffers = []
  }
}
