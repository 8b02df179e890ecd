import { isFloat, isHalf, rangeOf, type StoredDType } from '../../../core/dtype.js'
import { DeviceError } from '../../../core/errors.js'
import { fitOf } from '../../../core/host.js'
import type { Accumulator, Expr, Index, IndexAtom, Kernel, Test } from '../../../kernel/ir.js'
import { isWide } from './natives/integers.js'
import { constantText, indexText, intText, scalarText, selectText } from './scalar.js'

/** An operand of a program: the texels of a buffer hold one number each, or two. */
export type Form = 'single' | 'pair'
export const formOf = (dtype: StoredDType): Form => (isWide(dtype) ? 'pair' : 'single')

/** One result of a kernel as a function that gpu.js compiles. */
export interface KernelSource {
  readonly text: string
  /** The kernel's inputs that the function takes, in order. */
  readonly reads: readonly number[]
  readonly inputs: readonly Form[]
  readonly output: Form
}

const isArg = (a: Accumulator): boolean => a.op === 'argmax' || a.op === 'argmin'

/** Sums of floats keep what rounding takes (Kahan 1965): a fragment adds one after the other. */
const isCompensated = (a: Accumulator): boolean => a.op === 'sum' && isFloat(a.dtype)

/**
 * Writes one output of a kernel. Every value is a register of its own, so that expressions stay shallow; integers of
 * loop counters are written in place, because locals of gpu.js are floats.
 */
class Writer {
  readonly #kernel: Kernel<number>
  readonly #slots: readonly number[]
  readonly #lines: string[] = []
  readonly #names: Map<Expr<number>, string>[] = [new Map()]
  readonly #reads: number[] = []
  #next = 0
  #depth = 0

  constructor(kernel: Kernel<number>, slots: readonly number[]) {
    this.#kernel = kernel
    this.#slots = slots
  }

  #line(text: string): void {
    this.#lines.push(`${'  '.repeat(this.#depth + 1)}${text}`)
  }

  #register(text: string): string {
    const name = `v${this.#next++}`
    this.#line(`const ${name} = ${text};`)
    return name
  }

  /** An operation on integers whose name no operand has. */
  #integer(name: 'div' | 'mod', x: string, by: number): string {
    const used = [...x.matchAll(new RegExp(`l_${name}(\\d+)`, 'g'))].map((m) => Number(m[1]))
    return `l_${name}${Math.max(-1, ...used) + 1}(${x}, ${by})`
  }

  /** The counter of a loop; those of the grid come from the number of the element. */
  #counter(axis: number): string {
    const { grid } = this.#kernel
    if (axis >= grid.length) return `r${axis - grid.length}`
    const extent = grid[axis]!
    if (extent === 1) return '0'
    const stride = grid.slice(axis + 1).reduce((a, b) => a * b, 1)
    const outer = stride === 1 ? 'this.thread.x' : this.#integer('div', 'this.thread.x', stride)
    return grid.slice(0, axis).every((n) => n === 1) ? outer : this.#integer('mod', outer, extent)
  }

  #atom(a: IndexAtom<number>): string {
    if (a.kind === 'axis') return this.#counter(a.axis)
    if (a.kind === 'value') return intText(this.#expr(a.of), a.of.dtype)
    return this.#integer(a.kind, this.#index(a.of), a.by)
  }

  #index(x: Index<number>): string {
    let text = ''
    for (const { atom, factor } of x.terms) {
      const counter = this.#atom(atom)
      if (counter === '0' || factor === 0) continue
      const size = Math.abs(factor)
      const term = size === 1 ? counter : `${counter} * ${size}`
      text = text === '' ? (factor < 0 ? `0 - ${term}` : term) : `${text} ${factor < 0 ? '-' : '+'} ${term}`
    }
    if (text === '') return x.offset < 0 ? `l_negative(${-x.offset})` : String(x.offset)
    return x.offset === 0 ? text : `${text} ${x.offset < 0 ? '-' : '+'} ${Math.abs(x.offset)}`
  }

  #test(t: Test<number>): string {
    const of = this.#index(t.of)
    if (t.kind === 'divisible') return `l_divisible(${of}, ${t.by})`
    const end = (x: number): string => (x < 0 ? `l_negative(${-x})` : String(x))
    return `l_within(${of}, ${end(t.low)}, ${end(t.high)})`
  }

  #expr(e: Expr<number>): string {
    for (const scope of this.#names) {
      const known = scope.get(e)
      if (known !== undefined) return known
    }
    const name = this.#text(e)
    this.#names.at(-1)!.set(e, name)
    return name
  }

  #text(e: Expr<number>): string {
    switch (e.kind) {
      case 'const':
        return this.#register(constantText(fitOf(e.dtype)(e.value), e.dtype))
      case 'acc':
        return `s${e.acc}`
      case 'index':
        return this.#register(indexText(this.#index(e.of), e.dtype))
      case 'load': {
        const at = this.#index(e.at)
        // One argument for inputs that are one buffer.
        const input = this.#slots.indexOf(this.#slots[e.input]!)
        if (!this.#reads.includes(input)) this.#reads.push(input)
        return this.#register(`a${input}[${at}]`)
      }
      case 'call': {
        const args = e.args.map((a) => this.#expr(a))
        return this.#register(scalarText(e.op, args, e.dtype, (e.op === 'select' ? e.args[1]! : e.args[0]!).dtype))
      }
      case 'guard': {
        const tests = e.tests.map((t) => this.#register(this.#test(t)))
        const all = tests.length === 1 ? tests[0]! : this.#register(tests.join(' * '))
        return this.#register(selectText(all, this.#expr(e.then), this.#expr(e.else), e.dtype))
      }
    }
  }

  #start(a: Accumulator<number>, k: number): void {
    const [low, high] = rangeOf(a.dtype)
    const starts = { sum: 0, prod: 1, and: 1, or: 0, max: low, min: high, argmax: 0, argmin: 0 }
    this.#line(`let s${k} = ${constantText(starts[a.op], a.dtype)};`)
    if (isArg(a)) this.#line(`let m${k} = ${constantText(0, a.value.dtype)};`)
    if (isCompensated(a)) this.#line(`let c${k} = l_bits(0, 0);`)
  }

  /** Running values of halves are float32. */
  #update(a: Accumulator<number>, k: number): void {
    const x = this.#expr(a.value)
    if (isCompensated(a)) {
      const rest = this.#register(`${x} - c${k}`)
      const sum = this.#register(`s${k} + ${rest}`)
      this.#line(`c${k} = l_lost(s${k}, ${rest}, ${sum});`)
      this.#line(`s${k} = ${sum};`)
      return
    }
    if (!isArg(a)) {
      const op = a.op === 'sum' ? 'add' : a.op === 'prod' ? 'mul' : (a.op as 'max' | 'min' | 'and' | 'or')
      const wide = isHalf(a.dtype) ? 'float32' : a.dtype
      this.#line(`s${k} = ${scalarText(op, [`s${k}`, x], wide, wide)};`)
      return
    }
    const { reduce } = this.#kernel
    const number = reduce.map((_, r) => {
      const stride = reduce.slice(r + 1).reduce((p, q) => p * q, 1)
      return stride === 1 ? `r${r}` : `r${r} * ${stride}`
    })
    const n = number.length === 0 ? '0' : number.join(' + ')
    const { dtype } = a.value
    const better = this.#register(scalarText(a.op === 'argmax' ? 'gt' : 'lt', [x, `m${k}`], 'bool', dtype))
    const takes = this.#register(
      isFloat(dtype) ? `l_takes(${better}, ${x}, m${k}, ${n})` : `l_takes_whole(${better}, ${n})`,
    )
    this.#line(`m${k} = ${selectText(takes, x, `m${k}`, dtype)};`)
    this.#line(`s${k} = ${selectText(takes, indexText(n, a.dtype), `s${k}`, a.dtype)};`)
  }

  write(output: Expr<number>): KernelSource {
    const { accumulators, reduce, inputs } = this.#kernel
    const used = usedAccumulators(output)
    if (used.length > 0) {
      used.forEach((k) => this.#start(accumulators[k]!, k))
      reduce.forEach((extent, r) => {
        this.#line(`for (let r${r} = 0; r${r} < ${extent}; r${r}++) {`)
        this.#depth++
      })
      // What the loops computed is not known after them.
      this.#names.push(new Map())
      used.forEach((k) => this.#update(accumulators[k]!, k))
      this.#names.pop()
      reduce.forEach(() => {
        this.#depth--
        this.#line('}')
      })
      used.forEach((k) => {
        const { dtype } = accumulators[k]!
        if (isHalf(dtype)) this.#line(`s${k} = l_round_${dtype}(s${k});`)
      })
    }
    const result = this.#expr(output)
    this.#line(`return ${result};`)
    const reads = [...this.#reads].sort((a, b) => a - b)
    return {
      text: `function (${reads.map((k) => `a${k}`).join(', ')}) {\n${this.#lines.join('\n')}\n}`,
      reads,
      inputs: reads.map((k) => formOf(inputs[k]!)),
      output: formOf(output.dtype),
    }
  }
}

/** The accumulators that an expression reads, in order. */
const usedAccumulators = (output: Expr<number>): readonly number[] => {
  const found = new Set<number>()
  const seen = new Set<Expr<number>>()
  const visitIndex = (x: Index<number>): void => {
    for (const { atom } of x.terms) {
      if (atom.kind === 'value') visit(atom.of)
      else if (atom.kind !== 'axis') visitIndex(atom.of)
    }
  }
  const visit = (e: Expr<number>): void => {
    if (seen.has(e)) return
    seen.add(e)
    if (e.kind === 'acc') found.add(e.acc)
    else if (e.kind === 'load') visitIndex(e.at)
    else if (e.kind === 'index') visitIndex(e.of)
    else if (e.kind === 'call') e.args.forEach(visit)
    else if (e.kind === 'guard') {
      e.tests.forEach((t) => visitIndex(t.of))
      visit(e.then)
      visit(e.else)
    }
  }
  visit(output)
  return [...found].sort((a, b) => a - b)
}

/**
 * Result number `output` of a kernel as a function that gpu.js compiles; `slots` tells which inputs are the same buffer.
 * Throws DeviceError for float64.
 */
export const kernelSource = (
  kernel: Kernel<number>,
  output = 0,
  slots: readonly number[] = kernel.inputs.map((_, k) => k),
): KernelSource => {
  const result = kernel.outputs[output]!
  for (const dtype of [result.dtype, ...kernel.inputs]) refuseFloat64('gpu', dtype)
  return new Writer(kernel, slots).write(result)
}

/** Throws DeviceError where a buffer would hold float64. */
export const refuseFloat64 = (what: string, dtype: StoredDType): void => {
  if (dtype === 'float64')
    throw new DeviceError(`${what}: WebGL2 has no float64; use x.astype('float32'), or x.to('wasm')`)
}
