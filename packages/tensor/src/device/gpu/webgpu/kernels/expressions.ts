import { isSigned, type StoredDType } from '../../../../core/dtype.js'
import type { Expr, Extent, Index, IndexAtom, Test } from '../../../../kernel/ir.js'
import { constText } from '../scalar/constant.js'
import type { WgslFunction } from '../scalar/library.js'
import { scalarText } from '../scalar/scalar-text.js'
import { loadText, registerType } from '../words.js'

export const extentText = (e: Extent): string => (typeof e === 'number' ? String(e) : `p${e.param}`)

/**
 * Statements in the order of their execution, and the names that hold values in them. A block inside sees those around.
 * What does not change in the loop whose body a block is belongs into the block around it.
 */
export class Block {
  readonly lines: string[] = []
  readonly outer: Block | null
  readonly changes: ((x: Expr | Index) => boolean) | null
  readonly #names = new Map<Expr | Index, string>()

  constructor(outer: Block | null = null, changes: Block['changes'] = null) {
    this.outer = outer
    this.changes = changes
  }

  /** Where the statements that make a value belong. */
  home(x: Expr | Index): Block {
    return this.changes === null || this.changes(x) ? this : this.outer!.home(x)
  }

  find(x: Expr | Index): string | undefined {
    return this.#names.get(x) ?? this.outer?.find(x)
  }
  name(x: Expr | Index, name: string): string {
    this.#names.set(x, name)
    return name
  }
}

/** What an expression is computed from, beyond its loads. */
export interface Sources {
  /** The text of loop counter `axis`. */
  axis(axis: number): string
  /** The text of a finished accumulator. */
  accumulator(acc: number): string
  /** The text of a word of input `input`; `index` is the text of its place. */
  word(input: number, index: string): string
}

/** Writes scalar expressions as WGSL statements. A guard's branches become blocks, so that only what is needed is read. */
export class ExpressionWriter {
  readonly used: Set<WgslFunction> = new Set()
  readonly #sources: Sources
  #next = 0

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** A name that no other value has. */
  fresh(prefix: string): string {
    return `${prefix}${this.#next++}`
  }

  readonly use = (name: WgslFunction): string => {
    this.used.add(name)
    return name
  }

  #atom(a: IndexAtom, block: Block): string {
    if (a.kind === 'axis') return this.#sources.axis(a.axis)
    if (a.kind === 'value') {
      const text = this.value(a.of, block)
      return a.of.dtype === 'bool' ? `select(0, 1, ${text})` : isSigned(a.of.dtype) ? text : `i32(${text})`
    }
    const of = this.index(a.of, block)
    return `(${of} ${a.kind === 'div' ? '/' : '%'} ${extentText(a.by)})`
  }

  /** A name or text for an index: an i32 that can be multiplied. */
  index(x: Index, at: Block): string {
    const known = at.find(x)
    if (known !== undefined) return known
    const block = at.home(x)
    const terms = x.terms.map(({ atom, factor }) => {
      const text = this.#atom(atom, block)
      return factor === 1 ? text : `${text} * ${extentText(factor)}`
    })
    if (x.offset !== 0 || terms.length === 0) terms.push(extentText(x.offset))
    if (terms.length === 1 && !terms[0]!.includes(' ')) return block.name(x, terms[0]!)
    const name = this.fresh('x')
    block.lines.push(`let ${name} = ${terms.join(' + ')};`)
    return block.name(x, name)
  }

  #test(t: Test, block: Block): string {
    const of = this.index(t.of, block)
    return t.kind === 'within'
      ? `${of} >= ${extentText(t.low)} && ${of} < ${extentText(t.high)}`
      : `${of} % ${extentText(t.by)} == 0`
  }

  /** The name of a value in its register. */
  value(e: Expr, at: Block): string {
    const known = at.find(e)
    if (known !== undefined) return known
    const block = at.home(e)
    if (e.kind === 'acc') return this.#sources.accumulator(e.acc)
    if (e.kind === 'guard') return this.#guard(e, block)
    const text = this.#text(e, block)
    const name = this.fresh('v')
    block.lines.push(`let ${name} = ${text};`)
    return block.name(e, name)
  }

  #text(e: Exclude<Expr, { kind: 'acc' | 'guard' }>, block: Block): string {
    switch (e.kind) {
      case 'const':
        return constText(e.value, e.dtype, this.use)
      case 'index':
        return indexValue(this.index(e.of, block), e.dtype, this.use)
      case 'load':
        return loadText(this.#sources.word(e.input, this.index(e.at, block)), e.dtype)
      case 'call': {
        const args = e.args.map((a) => this.value(a, block))
        return scalarText(e.op, args, e.dtype, e.args[0]!.dtype, this.use)
      }
    }
  }

  #guard(e: Guard, block: Block): string {
    const name = this.fresh('g')
    block.lines.push(`var ${name}: ${registerType(e.dtype)};`)
    const branch = (x: Expr): string => {
      const inner = new Block(block)
      const value = this.value(x, inner)
      return [...inner.lines, `${name} = ${value};`].join('\n')
    }
    // One after the other: languages bound how deep blocks nest, and how long a chain of else-ifs may be.
    const cases: Guard[] = [e]
    let last = e.else
    for (; last.kind === 'guard' && block.find(last) === undefined; last = last.else) cases.push(last)
    if (cases.length === 1) {
      const tests = e.tests.map((t) => this.#test(t, block)).join(' && ')
      block.lines.push(`if (${tests}) {`, branch(e.then), '} else {', branch(e.else), '}')
      return block.name(e, name)
    }
    const open = this.fresh('c')
    block.lines.push(`var ${open} = true;`)
    for (const { tests, then } of cases) {
      const all = [open, ...tests.map((t) => this.#test(t, block))].join(' && ')
      block.lines.push(`if (${all}) {`, `${open} = false;`, branch(then), '}')
    }
    block.lines.push(`if (${open}) {`, branch(last), '}')
    return block.name(e, name)
  }
}

type Guard = Extract<Expr, { kind: 'guard' }>

const indexValue = (index: string, dtype: StoredDType, use: (name: WgslFunction) => string): string =>
  dtype === 'bool'
    ? `(${index} != 0)`
    : dtype === 'int32'
      ? index
      : dtype === 'float32'
        ? `f32(${index})`
        : scalarText('convert', [index], dtype, 'int32', use)
