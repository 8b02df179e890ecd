import { isFloat, isInteger, isSigned, rangeOf, type StoredDType, type TypedArray } from '../../core/dtype.js'
import { fitOf, numberOf, storedNumber } from '../../core/host.js'
import type { Accumulator, Expr, Extent, Index, IndexAtom, Kernel, ReduceOp, ScalarOp, Test } from '../../kernel/ir.js'
import type { ClusterStep, CompiledKernel } from './emit.js'
import * as H from './scalar-functions.js'

type Scalar = (a: number, b: number, c: number, d: number, e: number) => number

const float =
  (f: (x: number) => number) =>
  (dtype: StoredDType): Scalar => {
    const fit = fitOf(dtype)
    return (a) => fit(f(a))
  }
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
    const f = isFloat(dtype) ? onFloat : dtype === 'bool' ? onBool : onInteger
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
  erf_inv: (dtype) => float(dtype === 'float64' ? H.erfInvDouble : H.erfInv)(dtype),
  exp2: float((x) => 2 ** x),
  tan: float(Math.tan),
  sinh: float(Math.sinh),
  cosh: float(Math.cosh),
  asin: float(Math.asin),
  acos: float(Math.acos),
  atan: float(Math.atan),
  asinh: float(Math.asinh),
  acosh: float(Math.acosh),
  atanh: float(Math.atanh),
  cbrt: float(Math.cbrt),
  erfc: float(H.erfc),
  floor: float(Math.floor),
  ceil: float(Math.ceil),
  round: float(H.roundEven),
  neg: fitted((a) => -a),
  abs: byType(Math.abs, Math.abs),
  sign: (dtype) => (isSigned(dtype) ? H.sign : (a) => (a > 0 ? 1 : 0)),
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
  fma: (dtype) => {
    const fit = fitOf(dtype)
    return dtype === 'float64' ? (a, b, c) => a * b + c : (a, b, c) => fit(H.fma(a, b, c))
  },
  and: fitted((a, b) => a & b),
  or: fitted((a, b) => a | b),
  xor: fitted((a, b) => a ^ b),
  not: byType(
    (a) => a,
    (a) => ~a,
    (a) => 1 - a,
  ),
  shift_left: fitted(H.shiftLeft),
  shift_right_logical: (dtype) => {
    const fit = fitOf(dtype)
    const mask = dtype === 'int8' ? 255 : dtype === 'int16' ? 65535 : -1
    return (a, b) => fit(H.shiftRightLogical(a & mask, b))
  },
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
      : isInteger(dtype) && isFloat(from)
        ? (x) => H.saturate(x, ...rangeOf(dtype))
        : fitOf(dtype),
  bitcast: (dtype, from) => {
    if (from === dtype) return (x) => x
    const toBits = from === 'float32' ? H.floatBits : (x: number): number => storedNumber(from, x)
    const fromBits =
      dtype === 'float32'
        ? H.bitsFloat
        : isFloat(dtype)
          ? (bits: number): number => numberOf(dtype, bits & 0xffff)
          : fitOf(dtype)
    return (x) => fromBits(toBits(x))
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
  max: (d) => rangeOf(d)[0],
  min: (d) => rangeOf(d)[1],
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
        const value = fitOf(e.dtype)(e.value)
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
        return () => numberOf(e.dtype, state.buffers[e.input]![at()]!)
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
  const inFloat = isFloat(a.dtype)
  let best = 0
  let n = 0
  const steps: Readonly<Record<ReduceOp, () => void>> = {
    sum: () => (acc[k] = inFloat ? acc[k]! + value() : fit(acc[k]! + value())),
    prod: () => (acc[k] = inFloat ? acc[k]! * value() : fit(Math.imul(acc[k]!, value()))),
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

/** A kernel taken apart: its loops from an axis on, for a position of the axes before. */
class Walk {
  readonly #machine = new Interpreter()
  readonly #kernel: Kernel
  readonly #extents: readonly Get[]
  readonly #accumulators: readonly ReturnType<typeof updater>[]
  readonly #outputs: readonly Get[]

  constructor(kernel: Kernel) {
    const machine = this.#machine
    this.#kernel = kernel
    this.#extents = [...kernel.grid, ...kernel.reduce].map((e) => machine.extent(e))
    this.#accumulators = kernel.accumulators.map((a, k) => updater(a, k, machine.expr(a.value), machine.state))
    this.#outputs = kernel.outputs.map((e) => machine.expr(e))
  }

  #loop(axis: number, end: number, body: () => void): void {
    if (axis === end) return body()
    const n = this.#extents[axis]!()
    for (let i = 0; i < n; i++) {
      this.#machine.state.counters[axis] = i
      this.#loop(axis + 1, end, body)
    }
  }

  /** Computes the elements at a position of the outer axes and writes them from `start` on. */
  run(buffers: readonly TypedArray[], params: Int32Array, outer: readonly number[], start: number): void {
    const { state } = this.#machine
    const { grid, inputs, outputs } = this.#kernel
    state.buffers = buffers
    state.params = params
    outer.forEach((i, axis) => (state.counters[axis] = i))
    let at = start
    this.#loop(outer.length, grid.length, () => {
      this.#accumulators.forEach((a) => a.reset())
      if (this.#accumulators.length > 0)
        this.#loop(grid.length, this.#extents.length, () => this.#accumulators.forEach((a) => a.step()))
      this.#accumulators.forEach((a) => a.finish())
      // A result may be written over an operand: all are computed before the first is written.
      const results = this.#outputs.map((get, k) => storedNumber(outputs[k]!.dtype, get()))
      results.forEach((value, k) => (buffers[inputs.length + k]![at] = value))
      at++
    })
    state.buffers = []
  }
}

/** The same function as compiled code, by walking the kernel: slow, and allowed everywhere. */
export const interpretKernel = (kernel: Kernel): CompiledKernel => {
  const walk = new Walk(kernel)
  return (buffers, params) => {
    walk.run(buffers, params, [], 0)
  }
}

/** As `interpretKernel`, of kernels that share their outermost loops. */
export const interpretCluster = ({ prefix, members }: ClusterStep): CompiledKernel => {
  const walks = members.map((m) => ({
    walk: new Walk(m.kernel),
    inner: m.local ? 0 : m.kernel.grid.slice(prefix.length).reduce((a, b) => a * b, 1),
    places: [...m.reads, m.writes],
  }))
  const points = prefix.reduce((a, b) => a * b, 1)
  const strides = prefix.map((_, axis) => prefix.slice(axis + 1).reduce((a, b) => a * b, 1))
  return (buffers, params) => {
    for (let point = 0; point < points; point++) {
      const outer = strides.map((s, axis) => Math.floor(point / s) % prefix[axis]!)
      for (const { walk, inner, places } of walks)
        walk.run(
          places.map((k) => buffers[k]!),
          params,
          outer,
          point * inner,
        )
    }
  }
}
