import type { Expr, Extent, Index, IndexAtom, Kernel, Param, Test } from './ir.js'

/** A kernel whose sizes are runtime parameters, their values, and text equal for kernels that differ in sizes alone. */
export interface ParametricKernel {
  readonly kernel: Kernel
  readonly params: readonly number[]
  readonly key: string
}

/**
 * Replaces every extent, stride and offset but 0 and 1 by runtime parameters. The rest is the pattern: which axes
 * broadcast, which are contiguous, how many remain after merging.
 */
export const parametrize = (kernel: Kernel<number>): ParametricKernel => {
  const params: number[] = []
  const text: string[] = []
  const parameter = (value: number): Param => ({ param: params.push(value) - 1 })
  const extent = (value: number): Extent => {
    if (value === 0 || value === 1) {
      text.push(String(value))
      return value
    }
    text.push('?')
    return parameter(value)
  }
  const atom = (a: IndexAtom<number>): IndexAtom => {
    text.push(a.kind)
    if (a.kind === 'axis') {
      text.push(String(a.axis))
      return a
    }
    if (a.kind === 'value') return { kind: 'value', of: expr(a.of) }
    const of = index(a.of)
    return { kind: a.kind, of, by: extent(a.by) }
  }
  const index = (x: Index<number>): Index => {
    text.push(`(${x.terms.length}`)
    const offset = extent(x.offset)
    return { offset, terms: x.terms.map((t) => ({ atom: atom(t.atom), factor: extent(t.factor) })) }
  }
  const test = (t: Test<number>): Test => {
    text.push(t.kind)
    const of = index(t.of)
    return t.kind === 'within'
      ? { kind: 'within', of, low: extent(t.low), high: extent(t.high) }
      : { kind: 'divisible', of, by: extent(t.by) }
  }
  const seen = new Map<Expr<number>, readonly [Expr, number]>()
  const expr = (e: Expr<number>): Expr => {
    const known = seen.get(e)
    if (known !== undefined) {
      text.push(`^${known[1]}`)
      return known[0]
    }
    text.push(`${e.kind}:${e.dtype}`)
    const made = make(e)
    seen.set(e, [made, seen.size])
    return made
  }
  const make = (e: Expr<number>): Expr => {
    switch (e.kind) {
      case 'const':
        text.push(Object.is(e.value, -0) ? '-0' : String(e.value))
        return e
      case 'acc':
        text.push(String(e.acc))
        return e
      case 'index':
        return { ...e, of: index(e.of) }
      case 'load':
        text.push(String(e.input))
        return { ...e, at: index(e.at) }
      case 'call':
        text.push(`${e.op}${e.args.length}`)
        return { ...e, args: e.args.map(expr) }
      case 'guard': {
        text.push(String(e.tests.length))
        const tests = e.tests.map(test)
        const then = expr(e.then)
        return { ...e, tests, then, else: expr(e.else) }
      }
    }
  }
  const loop = (n: number): Extent => {
    text.push('?')
    return parameter(n)
  }
  text.push(kernel.inputs.join(), 'grid')
  const grid = kernel.grid.map(loop)
  text.push('reduce')
  const reduce = kernel.reduce.map(loop)
  const accumulators = kernel.accumulators.map((a) => {
    text.push(a.op, a.dtype)
    return { ...a, value: expr(a.value) }
  })
  text.push('out')
  const outputs = kernel.outputs.map(expr)
  return { kernel: { grid, reduce, accumulators, inputs: kernel.inputs, outputs }, params, key: text.join(' ') }
}
