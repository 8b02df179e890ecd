import type { Extent, Index, IndexAtom, Test } from '../../../kernel/ir.js'
import { type FunctionBuilder, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import type { Dependence } from './dependence.js'
import { onAccumulators, onData } from './dependence.js'
import { divideLanes } from './divide.js'
import { constant, isConstant, type Scalar, type Scalars, zero } from './scalar.js'
import type { Nest, Scope, Sum } from './scope.js'

/** Above the levels of all loops: terms of data in a guard come last. */
const guardedLevel = 100
/** Stands for the common counter of several axes. */
const groupCounter = 31

/** A term of a sum with what its atom depends on. */
interface Term {
  readonly atom: IndexAtom
  readonly factor: Extent
  readonly on: number
  readonly level: number
}

/** Index arithmetic: every partial sum is computed in the outermost scope that knows it. */
export class Sums {
  readonly #f: FunctionBuilder
  readonly #scalars: Scalars
  readonly #dependence: Dependence
  readonly #extents: readonly Extent[]
  /** The four values of an expression. */
  readonly #evaluate: (e: Extract<IndexAtom, { kind: 'value' }>['of'], at: Scope) => readonly Local[]
  nest: Nest

  constructor(
    f: FunctionBuilder,
    scalars: Scalars,
    dependence: Dependence,
    extents: readonly Extent[],
    nest: Nest,
    evaluate: (e: Extract<IndexAtom, { kind: 'value' }>['of'], at: Scope) => readonly Local[],
  ) {
    this.#f = f
    this.#scalars = scalars
    this.#dependence = dependence
    this.#extents = extents
    this.#evaluate = evaluate
    this.nest = nest
  }

  get root(): Scope {
    return this.nest.scopes[0]!
  }
  get vectorAxes(): number {
    return this.nest.vector?.axes ?? 0
  }

  /** The number of the outermost scope in which something is known. */
  level(on: number): number {
    const { levels, scopes } = this.nest
    if ((on & onAccumulators) !== 0) return scopes.length - 1
    let level = 0
    for (let rest = on & ~onData; rest !== 0; rest &= rest - 1) {
      const own = levels[31 - Math.clz32(rest & -rest)]!
      if (own > level) level = own
    }
    return level
  }
  /** Where arithmetic goes: out of guards, unless it needs data that only a guard may read. */
  #place(on: number, at: Scope): Scope {
    return at.guarded && (on & onData) !== 0 ? at : this.nest.scopes[this.level(on)]!
  }

  varies(on: number): boolean {
    return (on & this.vectorAxes) !== 0
  }

  /** An index as it is, computed once. */
  plain(x: Index, at: Scope): Sum {
    const known = at.findSum(x)
    if (known !== undefined) return known
    return this.#place(this.#dependence.index(x), at).keepSum(x, this.sum(x, 1, zero, at))
  }

  /** `base` plus an index times a constant. */
  sum(x: Index, scale: number, base: Scalar, at: Scope): Sum {
    const s = this.#scalars
    const { vector } = this.nest
    let scalar = s.add(this.root, base, s.scaled(x.offset, scale))
    let step: Scalar = zero
    let vary: Local | null = null
    const linear = this.#linear(x)
    if (linear !== null && vector !== null && linear !== 0) step = constant(linear * scale)
    const terms: Term[] = []
    for (const { atom, factor } of x.terms) {
      const on = this.#dependence.atom(atom)
      if (linear !== null && atom.kind === 'axis' && this.varies(on)) continue
      const inside = (on & onData) !== 0 && at.guarded ? guardedLevel : 0
      terms.push({ atom, factor, on, level: inside + this.level(on) })
    }
    terms.sort((a, b) => a.level - b.level)
    let level = 0
    for (const t of terms) {
      const place = this.#place(t.on, at)
      level = t.level
      if (this.varies(t.on) && !(t.atom.kind === 'axis' && this.#isSimple)) {
        const lanes = this.#atomLanes(t.atom, at)
        const scaled = this.#scaleLanes(place, lanes, s.scaled(t.factor, scale))
        vary = vary === null ? scaled : this.#lanes(place, [vary, scaled], code.i32x4Add)
        continue
      }
      if (t.atom.kind === 'axis') {
        if (this.varies(t.on)) step = s.add(this.root, step, s.scaled(t.factor, scale))
        scalar = s.add(place, scalar, this.#multiple(t.atom.axis, t.factor, scale))
      } else {
        const value = this.#atomScalar(t.atom, at)
        scalar = s.add(place, scalar, s.multiply(place, value, s.scaled(t.factor, scale)))
      }
    }
    if (linear !== null && vector !== null && linear !== 0) {
      const inner = this.nest.scopes[this.level(vector.axes)]!
      const multiple = this.#multipleOf(inner, groupCounter, vector.counter, linear * scale)
      scalar = s.add(level >= guardedLevel ? at : inner, scalar, multiple)
    }
    return { scalar, step, vary }
  }

  /** Whether lanes differ along one axis only, by one. */
  get #isSimple(): boolean {
    return this.nest.vector?.group.length === 1
  }

  /** Of lanes along several axes: the factor by which an index follows their common position; null if it does not. */
  #linear(x: Index): number | null {
    const { vector } = this.nest
    if (vector === null || vector.group.length < 2) return null
    const factors = new Map<number, number>()
    for (const { atom, factor } of x.terms) {
      if (!this.varies(this.#dependence.atom(atom))) continue
      if (atom.kind !== 'axis' || typeof factor !== 'number') return null
      factors.set(atom.axis, factor)
    }
    const inner = factors.get(vector.group.at(-1)!) ?? 0
    let stride = inner
    for (let k = vector.group.length - 1; k >= 0; k--) {
      const axis = vector.group[k]!
      if ((factors.get(axis) ?? 0) !== stride) return null
      const extent = this.#extents[axis]!
      if (typeof extent !== 'number') return stride === 0 && factors.size === 0 ? 0 : null
      stride *= extent
    }
    return inner
  }

  #multiple(axis: number, factor: Extent, scale: number): Scalar {
    const { counters, scopes, levels } = this.nest
    const counter = counters[axis]!
    const s = this.#scalars
    if (typeof factor === 'number') {
      return 'constant' in counter
        ? constant(counter.constant * factor * scale)
        : this.#multipleOf(scopes[levels[axis]!]!, axis, counter, factor * scale)
    }
    const key = -1 - (factor.param * 64 + scale) * 32 - axis
    const scope = scopes['constant' in counter ? 0 : levels[axis]!]!
    if ('constant' in counter) return s.multiply(scope, counter, s.scaled(factor, scale))
    let known = scope.multiples.get(key)
    if (known === undefined) scope.multiples.set(key, (known = s.multiply(scope, counter, s.scaled(factor, scale))))
    return known
  }
  #multipleOf(scope: Scope, axis: number, counter: Scalar, factor: number): Scalar {
    const key = factor * 32 + axis
    let known = scope.multiples.get(key)
    if (known === undefined)
      scope.multiples.set(key, (known = this.#scalars.multiply(scope, counter, constant(factor))))
    return known
  }

  #atomScalar(a: IndexAtom, at: Scope): Scalar {
    const s = this.#scalars
    const place = this.#place(this.#dependence.atom(a), at)
    if (a.kind === 'axis') return this.nest.counters[a.axis]!
    if (a.kind === 'value') {
      const [lanes] = this.#evaluate(a.of, at)
      return s.local(place, () => this.#f.get(lanes!).lane(code.i32x4ExtractLane, 0))
    }
    const of = this.plain(a.of, at).scalar
    const by = this.divisor(a.by)
    if ('constant' in of && 'constant' in by) {
      const q = Math.trunc(of.constant / by.constant)
      return constant(a.kind === 'div' ? q : of.constant - q * by.constant)
    }
    if (isConstant(by, 1)) return a.kind === 'div' ? of : zero
    return s.binary(place, a.kind === 'div' ? code.i32DivS : code.i32RemS, of, by)
  }
  /** A divisor that does not trap: an extent may be 0 where nothing is computed in the end. */
  divisor(by: Extent): Scalar {
    if (typeof by === 'number') return constant(by === 0 ? 1 : by)
    const s = this.#scalars
    const value = s.extent(by)
    return s.local(this.root, () => {
      s.push(value)
      s.push(value)
      this.#f.op(code.i32Eqz).op(code.i32Add)
    })
  }

  #atomLanes(a: IndexAtom, at: Scope): Local {
    if (a.kind === 'axis') return this.nest.vector!.vectors.get(a.axis)!
    if (a.kind === 'value') return this.#evaluate(a.of, at)[0]!
    const place = this.#place(this.#dependence.atom(a), at)
    const of = this.lanes(this.plain(a.of, at), place)
    return divideLanes(this.#f, this.#scalars, place, a.kind, of, this.divisor(a.by))
  }

  #lanes(at: Scope, operands: readonly Local[], op: number): Local {
    return this.local(at, () => {
      for (const x of operands) this.#f.get(x)
      this.#f.op(op)
    })
  }
  /** A local of four words with what `emit` leaves on the stack. */
  local(at: Scope, emit: () => void): Local {
    const local = this.#f.local(v128)
    this.#f.within(at.code, () => {
      emit()
      this.#f.set(local)
    })
    return local
  }
  #scaleLanes(at: Scope, lanes: Local, by: Scalar): Local {
    if (isConstant(by, 1)) return lanes
    return this.local(at, () => {
      this.#f.get(lanes)
      const shift = 'constant' in by && by.constant > 0 && (by.constant & (by.constant - 1)) === 0
      if ('constant' in by && shift) this.#f.i32(31 - Math.clz32(by.constant)).op(code.i32x4Shl)
      else {
        if ('constant' in by) this.#f.i32x4(by.constant)
        else this.#f.get(by.local).op(code.i32x4Splat)
        this.#f.op(code.i32x4Mul)
      }
    })
  }

  /** How far each lane is from the first one; lanes behind the last element stay at it. */
  distances(): Local {
    const vector = this.nest.vector!
    const inner = this.nest.scopes[this.level(vector.axes)]!
    inner.distances ??= this.local(inner, () => {
      const s = this.#scalars
      s.push(vector.last)
      s.push(vector.counter)
      this.#f.op(code.i32Sub).op(code.i32x4Splat).i32x4Of([0, 1, 2, 3]).op(code.i32x4MinS)
    })
    return inner.distances
  }
  /** The distances of the lanes from the first, times a step. */
  stride(step: Scalar): Local {
    const inner = this.nest.scopes[this.level(this.nest.vector!.axes)]!
    const distances = this.distances()
    if (!('constant' in step)) return this.#scaleLanes(inner, distances, step)
    let known = inner.strides.get(step.constant)
    if (known === undefined) inner.strides.set(step.constant, (known = this.#scaleLanes(inner, distances, step)))
    return known
  }

  /** A sum in all four lanes. */
  lanes({ scalar, step, vary }: Sum, at: Scope): Local {
    const f = this.#f
    const stride = isConstant(step, 0) ? null : this.stride(step)
    if (isConstant(scalar, 0) && (stride === null) !== (vary === null)) return (stride ?? vary)!
    return this.local(at, () => {
      if ('constant' in scalar) f.i32x4(scalar.constant)
      else f.get(scalar.local).op(code.i32x4Splat)
      if (stride !== null) f.get(stride).op(code.i32x4Add)
      if (vary !== null) f.get(vary).op(code.i32x4Add)
    })
  }

  /** Whether a test's outcome differs from lane to lane. */
  testVaries(t: Test): boolean {
    return this.varies(this.#dependence.index(t.of))
  }
  /** A test as a word, or as a mask of lanes where it varies. */
  test(t: Test, at: Scope): Local {
    const s = this.#scalars
    const f = this.#f
    const on = this.#dependence.index(t.of)
    const place = this.#place(on, at)
    const of = this.plain(t.of, at)
    if (!this.varies(on)) {
      const word = s.local(place, () => {
        s.push(of.scalar)
        if (t.kind === 'within') {
          s.push(s.extent(t.low))
          f.op(code.i32Sub)
          s.push(s.subtract(this.root, s.extent(t.high), s.extent(t.low)))
          f.op(code.i32LtU)
        } else {
          s.push(this.divisor(t.by))
          f.op(code.i32RemS).op(code.i32Eqz)
        }
      })
      return (word as { readonly local: Local }).local
    }
    const lanes = this.lanes(of, place)
    const splat = (x: Scalar): void => {
      if ('constant' in x) f.i32x4(x.constant)
      else f.get(x.local).op(code.i32x4Splat)
    }
    if (t.kind === 'divisible') {
      const rest = divideLanes(f, s, place, 'mod', lanes, this.divisor(t.by), true)
      return this.local(place, () => f.get(rest).i32x4(0).op(code.i32x4Eq))
    }
    const [low, high] = [s.extent(t.low), s.extent(t.high)]
    const room = s.subtract(this.root, high, low)
    return this.local(place, () => {
      f.get(lanes)
      if (!isConstant(low, 0)) {
        splat(low)
        f.op(code.i32x4Sub)
      }
      splat(room)
      f.op(code.i32x4LtU)
    })
  }
}
