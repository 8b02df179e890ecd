import { isFloat, rangeOf, type StoredDType, type TypedArray } from '../../core/dtype.js'
import { fitOf } from '../../core/host.js'
import type { Accumulator, Expr, Extent, Index, IndexAtom, Kernel, ReduceOp, Test } from '../../kernel/ir.js'
import type { Step } from '../../program/schedule.js'
import { emitters, fit } from './scalar.js'
import * as scalarFunctions from './scalar-functions.js'

/** Kernels that share their outermost loops. */
export type ClusterStep = Extract<Step, { kind: 'cluster' }>

/** A kernel as a function of its buffers (inputs, then outputs) and its runtime parameters. */
export type CompiledKernel = (buffers: readonly TypedArray[], params: Int32Array) => void

const extentText = (e: Extent): string => (typeof e === 'number' ? String(e) : `P[${e.param}]`)

const constText = (value: number, dtype: StoredDType): string => {
  if (Number.isNaN(value)) return 'NaN'
  const v = fitOf(dtype)(value)
  if (!Number.isFinite(v)) return v > 0 ? 'Infinity' : '(-Infinity)'
  return v < 0 || Object.is(v, -0) ? `(${Object.is(v, -0) ? '-0' : v})` : String(v)
}

/** The halves lie in memory as their bits. */
const loadText = (element: string, dtype: StoredDType): string =>
  dtype === 'float16' ? `H.decodeFloat16(${element})` : dtype === 'bfloat16' ? `H.decodeBFloat16(${element})` : element
const storeText = (value: string, dtype: StoredDType): string =>
  dtype === 'float16' ? `H.encodeFloat16(${value})` : dtype === 'bfloat16' ? `H.encodeBFloat16(${value})` : value

/** Start of a running value and its update by the element `x`. Float sums run in float64. */
const accumulate: Readonly<
  Record<
    ReduceOp,
    { start: (dtype: StoredDType) => string; update: (a: string, x: string, dtype: StoredDType) => string }
  >
> = {
  sum: {
    start: () => '0',
    update: (a, x, d) => (isFloat(d) ? `${a} += ${x}` : `${a} = (${a} + ${x}) | 0`),
  },
  prod: {
    start: () => '1',
    update: (a, x, d) => (isFloat(d) ? `${a} *= ${x}` : `${a} = Math.imul(${a}, ${x})`),
  },
  max: {
    start: (d) => String(rangeOf(d)[0]),
    update: (a, x) => `${a} = Math.max(${a}, ${x})`,
  },
  min: {
    start: (d) => String(rangeOf(d)[1]),
    update: (a, x) => `${a} = Math.min(${a}, ${x})`,
  },
  and: { start: () => '1', update: (a, x) => `${a} &= ${x}` },
  or: { start: () => '0', update: (a, x) => `${a} |= ${x}` },
  argmax: { start: () => '0', update: () => '' },
  argmin: { start: () => '0', update: () => '' },
}

const isArg = (op: ReduceOp): boolean => op === 'argmax' || op === 'argmin'

/** Writes a kernel as JavaScript loops; every value is computed at the outermost loop that it depends on. */
class Emitter {
  readonly #kernel: Kernel
  readonly #depth: number
  /** Statements per loop level, before the next inner loop; the last is the epilogue. */
  readonly #lines: string[][]
  readonly #exprLevels = new Map<Expr, number>()
  readonly #indexLevels = new Map<Index, number>()
  readonly #names = new Map<Expr | Index, string>()
  readonly #uses = new Map<Expr, number>()
  #next = 0

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#depth = kernel.grid.length + kernel.reduce.length
    this.#lines = Array.from({ length: this.#depth + 2 }, () => [])
  }

  get #epilogue(): number {
    return this.#depth + 1
  }

  #atomLevel(a: IndexAtom): number {
    return a.kind === 'axis' ? a.axis + 1 : a.kind === 'value' ? this.#exprLevel(a.of) : this.#indexLevel(a.of)
  }
  #indexLevel(x: Index): number {
    let level = this.#indexLevels.get(x)
    if (level === undefined)
      this.#indexLevels.set(x, (level = x.terms.reduce((n, t) => Math.max(n, this.#atomLevel(t.atom)), 0)))
    return level
  }
  /** Nested loops in which a value changes: 0 for none; above all loops for one that needs the accumulators. */
  #exprLevel(e: Expr): number {
    let level = this.#exprLevels.get(e)
    if (level !== undefined) return level
    switch (e.kind) {
      case 'const':
        level = 0
        break
      case 'acc':
        level = this.#epilogue
        break
      case 'index':
        level = this.#indexLevel(e.of)
        break
      case 'load':
        level = this.#indexLevel(e.at)
        break
      case 'call':
        level = e.args.reduce((n, a) => Math.max(n, this.#exprLevel(a)), 0)
        break
      case 'guard':
        level = Math.max(
          ...e.tests.map((t) => this.#indexLevel(t.of)),
          this.#exprLevel(e.then),
          this.#exprLevel(e.else),
        )
        break
    }
    this.#exprLevels.set(e, level)
    return level
  }

  /** Counts uses outside guards; what only a guard reaches stays inside it and is written in place. */
  #count(e: Expr): void {
    const n = this.#uses.get(e) ?? 0
    this.#uses.set(e, n + 1)
    if (n > 0) return
    if (e.kind === 'call') e.args.forEach((a) => this.#count(a))
    else if (e.kind === 'load') this.#countIndex(e.at)
    else if (e.kind === 'index') this.#countIndex(e.of)
    else if (e.kind === 'guard') e.tests.forEach((t) => this.#countIndex(t.of))
  }
  #countIndex(x: Index): void {
    for (const { atom } of x.terms) {
      if (atom.kind === 'value') this.#count(atom.of)
      else if (atom.kind !== 'axis') this.#countIndex(atom.of)
    }
  }

  #atom(a: IndexAtom, inGuard: boolean): string {
    if (a.kind === 'axis') return `i${a.axis}`
    if (a.kind === 'value') return this.#expr(a.of, this.#exprLevel(a.of), inGuard)
    const of = this.#index(a.of, inGuard)
    return a.kind === 'div' ? `((${of} / ${extentText(a.by)}) | 0)` : `(${of} % ${extentText(a.by)})`
  }

  #index(x: Index, inGuard: boolean): string {
    const known = this.#names.get(x)
    if (known !== undefined) return known
    const byLevel = [...x.terms].sort((s, t) => this.#atomLevel(s.atom) - this.#atomLevel(t.atom))
    let text = x.offset === 0 ? '' : extentText(x.offset)
    let level = 0
    for (const t of byLevel) {
      const next = this.#atomLevel(t.atom)
      // The part that outer loops fix is computed there.
      if (!inGuard && next > level && text.includes(' ')) {
        const name = `x${this.#next++}`
        this.#lines[level]!.push(`const ${name} = ${text}`)
        text = name
      }
      level = next
      const atom = this.#atom(t.atom, inGuard)
      const term = t.factor === 1 ? atom : `${atom} * ${extentText(t.factor)}`
      text = text === '' ? term : `${text} + ${term}`
    }
    const result = text === '' ? '0' : byLevel.length > 1 || x.offset !== 0 ? `(${text})` : text
    if (!inGuard && result.includes(' ')) {
      const name = `x${this.#next++}`
      this.#lines[level]!.push(`const ${name} = ${result}`)
      this.#names.set(x, name)
      return name
    }
    return result
  }

  #test(t: Test, inGuard: boolean): string {
    const of = this.#index(t.of, inGuard)
    return t.kind === 'within'
      ? `${of} >= ${extentText(t.low)} && ${of} < ${extentText(t.high)}`
      : `${of} % ${extentText(t.by)} === 0`
  }

  /** Text for a value wanted at `level`; named if it is used twice or fixed by outer loops. */
  #expr(e: Expr, level: number, inGuard: boolean): string {
    const known = this.#names.get(e)
    if (known !== undefined) return known
    if (e.kind === 'const') return constText(e.value, e.dtype)
    if (e.kind === 'acc') return `a${e.acc}`
    const own = this.#exprLevel(e)
    const text = this.#text(e, own, inGuard)
    const uses = this.#uses.get(e) ?? 0
    if (inGuard || uses === 0 || (uses < 2 && own === level)) return text
    const name = `v${this.#next++}`
    this.#lines[own]!.push(`const ${name} = ${text}`)
    this.#names.set(e, name)
    return name
  }

  #text(e: Exclude<Expr, { kind: 'const' | 'acc' }>, level: number, inGuard: boolean): string {
    switch (e.kind) {
      case 'index': {
        const text = this.#index(e.of, inGuard)
        // A falling index ends at -0, which is no integer.
        return e.dtype === 'bool' ? `(${text} !== 0 ? 1 : 0)` : fit(isFloat(e.dtype) ? `${text} + 0` : text, e.dtype)
      }
      case 'load':
        return loadText(`b${e.input}[${this.#index(e.at, inGuard)}]`, e.dtype)
      case 'call':
        return emitters[e.op](
          e.args.map((a) => this.#expr(a, level, inGuard)),
          e.dtype,
          e.args[0]!.dtype,
        )
      case 'guard':
        return `(${e.tests.map((t) => this.#test(t, inGuard)).join(' && ')} ? ${this.#expr(e.then, level, true)} : ${this.#expr(e.else, level, true)})`
    }
  }

  #accumulator(a: Accumulator, k: number): string {
    const x = this.#expr(a.value, this.#depth, false)
    if (!isArg(a.op)) return accumulate[a.op].update(`a${k}`, x, a.dtype)
    const better = a.op === 'argmax' ? '>' : '<'
    // The first NaN wins and stays.
    return `{ const y = ${x}; if (n${k} === 0 || y ${better} m${k} || (y !== y && m${k} === m${k})) { m${k} = y; a${k} = n${k} } n${k}++ }`
  }

  /**
   * The loops from axis `shared` on; those before are written by whoever shares them, and what they fix comes first.
   * `buffer` gives the text of an operand, by its place among inputs and outputs, `start` that of the first result's.
   */
  source(shared: number, buffer: (k: number) => string, start: string): string {
    const { grid, reduce, accumulators, outputs, inputs } = this.#kernel
    accumulators.forEach((a) => this.#count(a.value))
    outputs.forEach((o) => this.#count(o))
    const inner: string[] = accumulators.map((a, k) => this.#accumulator(a, k))
    const level = accumulators.length > 0 ? this.#epilogue : this.#depth
    const results = outputs.map((o) => storeText(this.#expr(o, level, false), o.dtype))
    // A result may be written over an operand: all are computed before the first is written.
    const store =
      results.length === 1
        ? [`b${inputs.length}[o] = ${results[0]}`]
        : [
            ...results.map((text, k) => `const r${k} = ${text}`),
            ...results.map((_, k) => `b${inputs.length + k}[o] = r${k}`),
          ]
    const head = [
      ...[...inputs, ...outputs].map((_, k) => `const b${k} = ${buffer(k)}`),
      ...[...grid, ...reduce].map((e, a) => `const e${a} = ${extentText(e)}`),
      `let o = ${start}`,
    ]
    const body: string[] = this.#lines.slice(0, shared + 1).flat()
    const own = grid.slice(shared)
    own.forEach((_, a) => body.push(openLoop(shared + a), ...this.#lines[shared + a + 1]!))
    if (accumulators.length > 0) {
      accumulators.forEach((a, k) =>
        body.push(`let a${k} = ${accumulate[a.op].start(a.dtype)}${isArg(a.op) ? `, m${k} = 0, n${k} = 0` : ''}`),
      )
      reduce.forEach((_, r) => body.push(openLoop(grid.length + r), ...this.#lines[grid.length + r + 1]!))
      body.push(...inner)
      reduce.forEach(() => body.push('}'))
      accumulators.forEach((a, k) => !isArg(a.op) && body.push(`a${k} = ${fit(`a${k}`, a.dtype)}`))
      body.push(...this.#lines[this.#epilogue]!)
    }
    body.push(...store, 'o++')
    own.forEach(() => body.push('}'))
    return [...head, ...body].join('\n')
  }
}

const openLoop = (axis: number): string => `for (let i${axis} = 0; i${axis} < e${axis}; i${axis}++) {`

/** The body of a function of (B, P, H): buffers, runtime parameters, scalar functions. */
export const kernelSource = (kernel: Kernel): string => new Emitter(kernel).source(0, (k) => `B[${k}]`, '0')

/** As `kernelSource`, of kernels that share their outermost loops. */
export const clusterSource = ({ prefix, members }: ClusterStep): string => {
  const point = prefix.reduce((text, n, axis) => (axis === 0 ? 'i0' : `(${text} * ${n} + i${axis})`), '0')
  const lines = [...prefix.map((n, a) => `const e${a} = ${n}`), ...prefix.map((_, a) => openLoop(a))]
  for (const m of members) {
    const inner = m.kernel.grid.slice(prefix.length).reduce((a, b) => a * b, 1)
    const places = [...m.reads, m.writes]
    lines.push(
      '{',
      new Emitter(m.kernel).source(prefix.length, (k) => `B[${places[k]}]`, m.local ? '0' : `${point} * ${inner}`),
      '}',
    )
  }
  return [...lines, ...prefix.map(() => '}')].join('\n')
}

const compileSource = (source: string): CompiledKernel => {
  const make = new Function('H', `return (B, P) => {\n${source}\n}`) as (h: typeof scalarFunctions) => CompiledKernel
  return make(scalarFunctions)
}

/** Compiles a kernel with the engine's own compiler. Throws EvalError where a content security policy forbids it. */
export const compileKernel = (kernel: Kernel): CompiledKernel => compileSource(kernelSource(kernel))
export const compileCluster = (step: ClusterStep): CompiledKernel => compileSource(clusterSource(step))
