import type { Expr, Extent, Index, IndexAtom, Kernel } from '../../../kernel/ir.js'

/** Set in what an index depends on where that is data. */
export const onData: number = 1 << 29
/** Set where a value needs the result of a reduction. */
export const onAccumulators: number = 1 << 30

/** What the values of a kernel depend on: a bit per loop axis. */
export class Dependence {
  readonly #exprs = new Map<Expr, number>()
  readonly #indices = new Map<Index, number>()
  /** What is computed at every point, not only where a guard's tests hold. */
  readonly always: Set<Expr> = new Set<Expr>()

  constructor({ accumulators, outputs }: Kernel) {
    for (const a of accumulators) this.#reach(a.value)
    for (const o of outputs) this.#reach(o)
  }

  #reach(e: Expr): void {
    if (this.always.has(e)) return
    this.always.add(e)
    if (e.kind === 'call') for (const a of e.args) this.#reach(a)
    else if (e.kind === 'load') this.#reachIndex(e.at)
    else if (e.kind === 'index') this.#reachIndex(e.of)
    else if (e.kind === 'guard') for (const t of e.tests) this.#reachIndex(t.of)
  }
  #reachIndex(x: Index): void {
    for (const { atom } of x.terms) {
      if (atom.kind === 'value') this.#reach(atom.of)
      else if (atom.kind !== 'axis') this.#reachIndex(atom.of)
    }
  }

  atom(a: IndexAtom): number {
    return a.kind === 'axis' ? 1 << a.axis : a.kind === 'value' ? this.expr(a.of) | onData : this.index(a.of)
  }
  index(x: Index): number {
    let known = this.#indices.get(x)
    if (known === undefined) {
      known = 0
      for (const t of x.terms) known |= this.atom(t.atom)
      this.#indices.set(x, known)
    }
    return known
  }
  expr(e: Expr): number {
    let known = this.#exprs.get(e)
    if (known !== undefined) return known
    known = 0
    switch (e.kind) {
      case 'const':
        break
      case 'acc':
        known = onAccumulators
        break
      case 'index':
        known = this.index(e.of) & ~onData
        break
      case 'load':
        known = this.index(e.at) & ~onData
        break
      case 'call':
        for (const a of e.args) known |= this.expr(a)
        break
      case 'guard':
        for (const t of e.tests) known |= this.index(t.of) & ~onData
        known |= this.expr(e.then) | this.expr(e.else)
        break
    }
    this.#exprs.set(e, known)
    return known
  }
}

/** What code needs to know of a kernel before it is written. */
export interface Survey {
  /** How many runtime parameters there are. */
  readonly params: number
  /** Inputs that are read at places computed from data. */
  readonly free: readonly number[]
  readonly loads: readonly Extract<Expr, { kind: 'load' }>[]
  readonly calls: readonly Extract<Expr, { kind: 'call' }>[]
}

/** Looks at every expression once. */
export const survey = (kernel: Kernel, dependence: Dependence): Survey => {
  let params = 0
  const free = new Set<number>()
  const loads: Extract<Expr, { kind: 'load' }>[] = []
  const calls: Extract<Expr, { kind: 'call' }>[] = []
  const seen = new Set<Expr | Index>()
  const extent = (e: Extent): void => {
    if (typeof e !== 'number') params = Math.max(params, e.param + 1)
  }
  const index = (x: Index): void => {
    if (seen.has(x)) return
    seen.add(x)
    extent(x.offset)
    for (const { atom, factor } of x.terms) {
      extent(factor)
      if (atom.kind === 'value') expr(atom.of)
      else if (atom.kind !== 'axis') {
        extent(atom.by)
        index(atom.of)
      }
    }
  }
  const expr = (e: Expr): void => {
    if (seen.has(e)) return
    seen.add(e)
    if (e.kind === 'index') index(e.of)
    else if (e.kind === 'load') {
      loads.push(e)
      if ((dependence.index(e.at) & onData) !== 0) free.add(e.input)
      index(e.at)
    } else if (e.kind === 'call') {
      calls.push(e)
      e.args.forEach(expr)
    } else if (e.kind === 'guard') {
      for (const t of e.tests) {
        index(t.of)
        if (t.kind === 'within') {
          extent(t.low)
          extent(t.high)
        } else extent(t.by)
      }
      expr(e.then)
      expr(e.else)
    }
  }
  kernel.grid.forEach(extent)
  kernel.reduce.forEach(extent)
  kernel.accumulators.forEach((a) => expr(a.value))
  kernel.outputs.forEach(expr)
  return { params, free: [...free], loads, calls }
}
