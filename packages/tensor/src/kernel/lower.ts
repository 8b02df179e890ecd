import type { StoredDType } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import { isElementwise } from '../primitives/elementwise.js'
import type { Atom, Equation, Var } from '../program/program.js'
import { atomIndex, axisIndex, constant, divmod, indexKey, scale, shift, zero } from './affine.js'
import type { Accumulator, Expr, Index, Kernel, ReduceOp, ScalarOp, Test } from './ir.js'
import { isWindow, windowResult, windowTerm } from './reduce-window.js'
import { axesOf, broadcastView, flatOf, type View, viewOfAxes, viewOfFlat } from './view.js'
import { updatedElement, windowElement } from './window.js'

type E = Expr<number>
type I = Index<number>

const stored = (x: Atom): StoredDType => x.aval.dtype as StoredDType

const reduceOps: Readonly<Record<string, ReduceOp>> = {
  reduce_sum: 'sum',
  reduce_prod: 'prod',
  reduce_max: 'max',
  reduce_min: 'min',
  reduce_and: 'and',
  reduce_or: 'or',
  argmax: 'argmax',
  argmin: 'argmin',
}

export const isReduction = (eqn: Equation): boolean => Object.hasOwn(reduceOps, eqn.primitive) || isWindow(eqn)

/** Axes that a reduction removes. */
export const reducedAxes = (eqn: Equation): readonly number[] =>
  eqn.params !== null && 'axes' in eqn.params && isReduction(eqn)
    ? eqn.params.axes
    : eqn.params !== null && 'axis' in eqn.params
      ? [eqn.params.axis]
      : []

/** The extents that a reduction's loops run over for each element of its result. */
export const loopsOf = (eqn: Equation): readonly number[] =>
  isWindow(eqn) ? eqn.params.window : reducedAxes(eqn).map((a) => eqn.inputs[0]!.aval.shape[a]!)

/** What the kernel under construction reads: `null` for a value that it computes itself. */
export interface Sources {
  readonly producer: (v: Var) => Equation
  /** The buffer that holds a variable, if it is stored. */
  readonly slot: (v: Var) => number | null
}

const positionKeys = new WeakMap<View, string>()
/** Text equal for equal positions in one array; most are met once, and then nobody asks. */
const positionKey = (view: View): string => {
  let key = positionKeys.get(view)
  if (key === undefined)
    positionKeys.set(view, (key = view.axes === null ? indexKey(view.flat!) : view.axes.map(indexKey).join()))
  return key
}

/** Builds one kernel: follows variables to what is stored, composing views on the way. */
class KernelBuilder {
  readonly #sources: Sources
  /** Variables that this kernel computes although others may see them stored. */
  readonly #own: ReadonlySet<Var>
  readonly #nodes = new Map<string, E>()
  readonly #ids = new Map<E, number>()
  readonly #seen = new Map<Var, { readonly view: View; readonly node: E }[]>()
  readonly slots: number[] = []
  readonly inputs: StoredDType[] = []
  readonly accumulators: Accumulator<number>[] = []
  readonly grid: number[]
  reduce: readonly number[] = []
  /** Of the grid and of the reduction's loops. */
  extents: readonly number[]

  constructor(sources: Sources, own: ReadonlySet<Var>, shape: Shape) {
    this.#sources = sources
    this.#own = own
    this.grid = shape.filter((d) => d !== 1)
    this.extents = this.grid
  }

  gridView(shape: Shape): View {
    let axis = 0
    return viewOfAxes(
      shape,
      shape.map((d) => (d === 1 ? zero : axisIndex(axis++))),
    )
  }

  #intern(key: string, make: () => E): E {
    let node = this.#nodes.get(key)
    if (node === undefined) {
      node = make()
      this.#nodes.set(key, node)
      this.#ids.set(node, this.#ids.size)
    }
    return node
  }

  call(op: ScalarOp, dtype: StoredDType, args: readonly E[]): E {
    let key = `${op}:${dtype}`
    for (const a of args) key += `,${this.#ids.get(a)!}`
    return this.#intern(key, () => ({ kind: 'call', op, dtype, args }))
  }
  const(dtype: StoredDType, value: number): E {
    return this.#intern(`const:${dtype}:${Object.is(value, -0) ? '-0' : value}`, () => ({
      kind: 'const',
      dtype,
      value,
    }))
  }
  index(of: I, dtype: StoredDType): E {
    return of.terms.length === 0
      ? this.const(dtype, of.offset)
      : this.#intern(`index:${dtype}:${indexKey(of)}`, () => ({ kind: 'index', dtype, of }))
  }
  /** A number that depends on sizes, so that it is a parameter where they are. */
  extent(value: number, dtype: StoredDType): E {
    return this.#intern(`extent:${dtype}:${value}`, () => ({ kind: 'index', dtype, of: constant(value) }))
  }
  load(slot: number, dtype: StoredDType, at: I): E {
    let input = this.slots.findIndex((s, i) => s === slot && this.inputs[i] === dtype)
    if (input < 0) {
      input = this.slots.push(slot) - 1
      this.inputs.push(dtype)
    }
    return this.#intern(`load:${input}:${indexKey(at)}`, () => ({ kind: 'load', dtype, input, at }))
  }
  guard(tests: readonly Test<number>[], then: E, otherwise: E): E {
    const key = tests
      .map((t) => `${indexKey(t.of)}${t.kind === 'within' ? `[${t.low},${t.high})` : `%${t.by}`}`)
      .join('&')
    return this.#intern(`guard:${key}?${this.#ids.get(then)}:${this.#ids.get(otherwise)}`, () => ({
      kind: 'guard',
      dtype: then.dtype,
      tests,
      then,
      else: otherwise,
    }))
  }

  /** The element of `x` at a position. Positions seen before give the same node, so shared values stay shared. */
  at(x: Atom, view: View): E {
    if (x.kind === 'literal') return this.const(stored(x), Number(x.value))
    if (!this.#own.has(x)) {
      const slot = this.#sources.slot(x)
      if (slot !== null) return this.load(slot, stored(x), flatOf(view))
    }
    let seen = this.#seen.get(x)
    if (seen === undefined) this.#seen.set(x, (seen = []))
    for (const one of seen) if (one.view === view || positionKey(one.view) === positionKey(view)) return one.node
    const node = this.#compute(this.#sources.producer(x), view)
    seen.push({ view, node })
    return node
  }

  #compute(eqn: Equation, view: View): E {
    const [x, y] = eqn.inputs
    const out = stored(eqn.outputs[0]!)
    const axes = (): readonly I[] => axesOf(view, this.extents)
    if (isElementwise(eqn.primitive)) {
      const args = eqn.inputs.map((a) => this.at(a, broadcastView(view, a.aval.shape, this.extents)))
      if (eqn.primitive === 'stop_gradient') return args[0]!
      if (eqn.primitive === 'convert' && args[0]!.dtype === out) return args[0]!
      return this.call(eqn.primitive, out, args)
    }
    switch (eqn.primitive) {
      case 'reshape':
        return this.at(x!, viewOfFlat(x!.aval.shape, flatOf(view)))
      case 'transpose': {
        const at = axes()
        return this.at(
          x!,
          viewOfAxes(
            x!.aval.shape,
            x!.aval.shape.map((_, i) => at[eqn.params.perm.indexOf(i)]!),
          ),
        )
      }
      case 'broadcast_in_dim': {
        const at = axes()
        return this.at(
          x!,
          viewOfAxes(
            x!.aval.shape,
            x!.aval.shape.map((d, i) => (d === 1 ? zero : at[eqn.params.dims[i]!]!)),
          ),
        )
      }
      case 'slice': {
        const { start, stride } = eqn.params
        return this.at(
          x!,
          viewOfAxes(
            x!.aval.shape,
            axes().map((a, i) => shift(scale(a, stride[i]!), start[i]!)),
          ),
        )
      }
      case 'rev':
        return this.at(
          x!,
          viewOfAxes(
            x!.aval.shape,
            axes().map((a, i) => (eqn.params.axes.includes(i) ? shift(scale(a, -1), x!.aval.shape[i]! - 1) : a)),
          ),
        )
      case 'pad':
        return this.#pad(x!, y!, eqn.params, axes())
      case 'concatenate':
        return this.#concatenate(eqn.inputs, eqn.params.axis, axes())
      case 'iota':
        return this.index(axes()[eqn.params.axis]!, out)
      case 'full':
        return this.const(out, Number(eqn.params.value))
      case 'gather':
        return this.#gather(eqn, axes())
      case 'dynamic_slice':
        return windowElement(this, eqn.inputs, eqn.params.sizes, axes())
      case 'dynamic_update_slice':
        return updatedElement(this, eqn.inputs, axes())
      case 'random_bits': {
        const [k0, k1] = this.#words(x!, axes(), 1)
        const counter = this.#counter(eqn.params.shape, axes(), x!.aval.shape.length - 1, 0)
        return this.call('threefry_bits', 'uint32', [k0, k1, this.const('uint32', 0), counter])
      }
      case 'random_split': {
        const [k0, k1] = this.#words(x!, axes(), 1)
        const counter = this.#counter(eqn.params.shape, axes(), x!.aval.shape.length - 1, 1)
        return this.call('threefry_word', 'uint32', [
          k0,
          k1,
          this.const('uint32', 0),
          counter,
          this.index(axes().at(-1)!, 'uint32'),
        ])
      }
      case 'random_fold_in': {
        const [k0, k1] = this.#words(x!, axes(), 1)
        const data = this.at(y!, viewOfAxes(y!.aval.shape, axes().slice(0, -1)))
        return this.call('threefry_word', 'uint32', [
          k0,
          k1,
          this.const('uint32', 0),
          data,
          this.index(axes().at(-1)!, 'uint32'),
        ])
      }
      default:
        if (isReduction(eqn)) return this.reduction(eqn, view)
        throw new Error(`lower: ${eqn.primitive} is no kernel expression`)
    }
  }

  /** Both words of the key of the batch position that leads `axes`. */
  #words(keys: Atom, axes: readonly I[], trailing: number): readonly [E, E] {
    const batch = axes.slice(0, keys.aval.shape.length - trailing)
    const word = (w: number): E => this.at(keys, viewOfAxes(keys.aval.shape, [...batch, constant(w)]))
    return [word(0), word(1)]
  }

  #counter(shape: Shape, axes: readonly I[], skip: number, trailing: number): E {
    const own = axes.slice(skip, axes.length - trailing)
    return this.index(flatOf(viewOfAxes(shape, own)), 'uint32')
  }

  #pad(
    x: Atom,
    value: Atom,
    p: { readonly low: readonly number[]; readonly high: readonly number[]; readonly interior: readonly number[] },
    axes: readonly I[],
  ): E {
    const tests: Test<number>[] = []
    const inner = axes.map((a, i) => {
      const [low, step, n] = [p.low[i]!, p.interior[i]! + 1, x.aval.shape[i]!]
      const at = shift(a, -low)
      if (low > 0 || p.high[i]! > 0)
        tests.push({ kind: 'within', of: at, low: 0, high: n === 0 ? 0 : (n - 1) * step + 1 })
      if (step === 1) return at
      tests.push({ kind: 'divisible', of: at, by: step })
      return divmod(at, step, this.extents)[0]
    })
    const element = x.aval.shape.includes(0)
      ? this.at(value, viewOfAxes([], []))
      : this.at(x, viewOfAxes(x.aval.shape, inner))
    return tests.length === 0 ? element : this.guard(tests, element, this.at(value, viewOfAxes([], [])))
  }

  #concatenate(parts: readonly Atom[], axis: number, axes: readonly I[]): E {
    let from = 0
    const pieces = parts.flatMap((part) => {
      const start = from
      from += part.aval.shape[axis]!
      return part.aval.shape[axis] === 0 ? [] : [{ part, start }]
    })
    const element = ({ part, start }: { readonly part: Atom; readonly start: number }): E =>
      this.at(
        part,
        viewOfAxes(
          part.aval.shape,
          axes.map((a, i) => (i === axis ? shift(a, -start) : a)),
        ),
      )
    if (pieces.length === 0) return this.const(stored(parts[0]!), 0)
    return pieces.reduceRight<E | null>((rest, piece) => {
      const here = element(piece)
      if (rest === null) return here
      return this.guard(
        [{ kind: 'within', of: axes[axis]!, low: piece.start, high: piece.start + piece.part.aval.shape[axis]! }],
        here,
        rest,
      )
    }, null)!
  }

  #gather(eqn: Extract<Equation, { primitive: 'gather' }>, axes: readonly I[]): E {
    const { axes: indexed, mode, fill } = eqn.params
    const [x, ...indices] = eqn.inputs
    const shape = x!.aval.shape
    const lead = indices[0]!.aval.shape.length
    const kept = axes.slice(lead)
    let inside: E | null = null
    const clamped = indices.map((idx, k) => {
      const at = this.at(idx, viewOfAxes(idx.aval.shape, axes.slice(0, lead)))
      const top = this.extent(shape[indexed[k]!]! - 1, at.dtype)
      const bottom = this.const(at.dtype, 0)
      const fits = this.call('and', 'bool', [this.call('ge', 'bool', [at, bottom]), this.call('le', 'bool', [at, top])])
      inside = inside === null ? fits : this.call('and', 'bool', [inside, fits])
      return atomIndex({
        kind: 'value',
        of: this.call('max', at.dtype, [this.call('min', at.dtype, [at, top]), bottom]),
      })
    })
    let rest = 0
    const element = this.at(
      x!,
      viewOfAxes(
        shape,
        shape.map((_, i) => (indexed.includes(i) ? clamped[indexed.indexOf(i)]! : kept[rest++]!)),
      ),
    )
    return mode === 'clip'
      ? element
      : this.call('select', element.dtype, [inside!, element, this.const(element.dtype, fill)])
  }

  /** A reduction nested in this kernel: the loops run per grid point and the result is an accumulator. */
  reduction(eqn: Equation, view: View): E {
    const kept = axesOf(view, this.extents)
    const loops = loopsOf(eqn)
    if (this.reduce.length === 0) {
      this.reduce = loops.filter((d) => d !== 1)
      this.extents = [...this.grid, ...this.reduce]
    }
    let axis = this.grid.length
    const inner = loops.map((d) => (d === 1 ? zero : axisIndex(axis++)))
    const { op, value } = isWindow(eqn)
      ? windowTerm(this, eqn, kept, inner)
      : { op: reduceOps[eqn.primitive]!, value: this.#reduced(eqn, kept, inner) }
    const dtype = stored(eqn.outputs[0]!)
    const accumulated = this.#intern(`acc:${op}:${this.#ids.get(value)}`, () => {
      const acc = this.accumulators.push({ op, value, dtype }) - 1
      return { kind: 'acc', dtype, acc }
    })
    return isWindow(eqn) ? windowResult(this, eqn, accumulated) : accumulated
  }

  /** The element that a reduction takes in: the removed axes follow the loops. */
  #reduced(eqn: Equation, kept: readonly I[], inner: readonly I[]): E {
    const x = eqn.inputs[0]!
    const removed = reducedAxes(eqn)
    let k = 0
    const position = x.aval.shape.map((_, i) => (removed.includes(i) ? inner[removed.indexOf(i)]! : kept[k++]!))
    return this.at(x, viewOfAxes(x.aval.shape, position))
  }
}

/** A kernel with the buffers that it reads. */
export interface Lowered {
  readonly kernel: Kernel<number>
  readonly slots: readonly number[]
}

/**
 * The kernel that computes `roots`, variables of one shape, from what is stored. Reductions that are not stored
 * become its accumulators; they must agree in their loops.
 */
export const lowerKernel = (roots: readonly Var[], sources: Sources): Lowered => {
  const shape = roots[0]!.aval.shape
  const builder = new KernelBuilder(sources, new Set(roots), shape)
  const outputs = roots.map((v) =>
    builder.at(
      v,
      roots.length > 0 && v.aval.shape === shape
        ? builder.gridView(shape)
        : viewOfFlat(v.aval.shape, flatOf(builder.gridView(shape))),
    ),
  )
  const { grid, reduce, accumulators, inputs, slots } = builder
  return { kernel: { grid, reduce, accumulators, inputs, outputs }, slots }
}
