import { dtypeBytes } from '../../../core/dtype.js'
import type { Expr, Kernel } from '../../../kernel/ir.js'
import { type FunctionBuilder, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import type { Lanes } from '../lanes/lane-emitter.js'
import type { Dependence, Survey } from './dependence.js'
import type { KernelWriter, Loop } from './kernel-writer.js'
import { loadNeighbours } from './lane-memory.js'
import { constant, type Scalar } from './scalar.js'
import { type Nest, Scope } from './scope.js'

type Load = Extract<Expr, { kind: 'load' }>

/** Operations that are written four times at most; and steps of the turned axis that are done together: a cache line's. */
const mostCalls = 12
const blockSteps = 16

/** What is read along another axis than it is written. */
export interface Turn {
  readonly axis: number
  readonly loads: readonly Load[]
}

/** Loads whose neighbours lie along another axis of the grid than the innermost one, all along the same. */
export const turnOf = (
  kernel: Kernel,
  { loads, calls }: Survey,
  dependence: Dependence,
  outerAxes: number,
): Turn | null => {
  const { grid } = kernel
  const inner = grid.length - 1
  if (inner <= outerAxes || calls.length > mostCalls) return null
  const isLong = (axis: number): boolean => typeof grid[axis] !== 'number' || grid[axis] >= 4
  if (!isLong(inner)) return null
  let turned = -1
  const found = loads.filter((load) => {
    if (!dependence.always.has(load)) return false
    let own = -1
    let strided = false
    for (const { atom, factor } of load.at.terms) {
      if (atom.kind !== 'axis') return false
      if (atom.axis === inner) strided = factor !== 1 && factor !== -1
      else if (factor === 1 && atom.axis >= outerAxes && isLong(atom.axis)) own = atom.axis
    }
    if (!strided || own < 0 || (turned >= 0 && own !== turned)) return false
    turned = own
    return true
  })
  return found.length === 0 ? null : { axis: turned, loads: found }
}

/** Rows of four to columns of four. */
const turnLanes = (f: FunctionBuilder, rows: readonly Lanes[]): readonly Lanes[] => {
  const [a, b, c, d] = rows as readonly [Lanes, Lanes, Lanes, Lanes]
  const shuffled = (x: number, y: number, lanes: readonly [number, number, number, number]): number => {
    const local = f.local(v128)
    f.get(x)
      .get(y)
      .shuffle32(...lanes)
      .set(local)
    return local
  }
  if (a.length === 2)
    return [0, 1, 2, 3].map((t) => {
      const half = t >> 1
      const lanes = t % 2 === 0 ? ([0, 1, 4, 5] as const) : ([2, 3, 6, 7] as const)
      return [shuffled(a[half]!, b[half]!, lanes), shuffled(c[half]!, d[half]!, lanes)]
    })
  const low = [shuffled(a[0]!, b[0]!, [0, 4, 1, 5]), shuffled(c[0]!, d[0]!, [0, 4, 1, 5])] as const
  const high = [shuffled(a[0]!, b[0]!, [2, 6, 3, 7]), shuffled(c[0]!, d[0]!, [2, 6, 3, 7])] as const
  return [low, low, high, high].map(([x, y], t) => [shuffled(x, y, t % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7])])
}

/** A kernel that turns what it reads: tiles of four by four, within blocks of whole cache lines. */
export const writeTransposed = (w: KernelWriter, turn: Turn): readonly number[] => {
  const { f, s, e, values, kernel } = w
  const { outer } = w.setting
  const first = outer.counters.length
  const inner = kernel.grid.length - 1

  const loopOf = new Map<number, Loop>()
  const loops: Loop[] = []
  const home = (): Scope => loops.at(-1)?.scope ?? outer.scopes.at(-1)!
  for (let axis = first; axis < inner; axis++) {
    if (axis === turn.axis) continue
    const { from, to } = w.bounds(axis)
    const loop = w.loop(home(), from, to, 1)
    loops.push(loop)
    loopOf.set(axis, loop)
  }
  const turned = w.bounds(turn.axis)
  const block = w.loop(home(), turned.from, turned.to, blockSteps)
  loops.push(block)
  const end = s.local(block.scope, () => {
    f.get(block.counter).i32(blockSteps).op(code.i32Add)
    s.push(turned.to)
    f.get(block.counter).i32(blockSteps).op(code.i32Add)
    s.push(turned.to)
    f.op(code.i32LtS).select()
  })
  const { from, to } = w.bounds(inner)
  const along = w.loop(block.scope, from, to, 4)
  const across = w.loop(along.scope, { local: block.counter }, end, 4)
  loops.push(along, across)
  loopOf.set(inner, along)
  loopOf.set(turn.axis, across)

  const scopes = [...outer.scopes, ...loops.map((l) => l.scope)]
  const axes = kernel.grid.map((_, axis) => axis)
  const nest: Nest = {
    scopes,
    levels: axes.map((axis) => (axis < first ? outer.scopes.length - 1 : scopes.indexOf(loopOf.get(axis)!.scope))),
    counters: axes.map((axis) => outer.counters[axis] ?? { local: loopOf.get(axis)!.counter }),
    vector: w.along(inner, along),
    accumulators: [],
  }
  values.nest = nest
  const tiles = turn.loads.map((load) => {
    const bytes = dtypeBytes(load.dtype)
    const sum = values.sums.sum(load.at, bytes, w.setting.inputs[load.input]!.address, across.scope)
    const stride = values.sums.stride(sum.step)
    const steps = [1, 2, 3].map((k) => s.local(along.scope, () => f.get(stride).lane(code.i32x4ExtractLane, k)))
    let columns: readonly Lanes[] = []
    f.within(across.scope.code, () => {
      const rows = [constant(0), ...steps].map((step) =>
        loadNeighbours(e, load.dtype, () => {
          s.push(sum.scalar)
          s.push(step)
          f.op(code.i32Add)
        }),
      )
      columns = turnLanes(f, rows)
    })
    return { load, columns }
  })

  // Elements of the result from one step of an axis to the next.
  const strides: Scalar[] = []
  let stride: Scalar = constant(1)
  for (let axis = inner; axis >= first; axis--) {
    strides[axis] = stride
    stride = s.multiply(w.root, stride, w.extent(axis))
  }
  const row = s.multiply(outer.scopes.at(-1)!, outer.row, stride)

  const body = f.within([], () => {
    for (let t = 0; t < 4; t++) {
      const scope = new Scope(across.scope)
      const own = s.add(scope, { local: across.counter }, constant(t))
      const last = scopes.length
      values.nest = {
        ...nest,
        scopes: [...scopes, scope],
        levels: nest.levels.map((level, axis) => (axis === turn.axis ? last : level)),
        counters: nest.counters.map((c, axis) => (axis === turn.axis ? own : c)),
      }
      for (const { load, columns } of tiles) scope.keep(load, columns[t]!)
      w.storeLanes(scope, along, (output, bytes) => {
        let place = s.add(
          outer.scopes.at(-1)!,
          w.setting.outputs[output]!,
          s.multiply(outer.scopes.at(-1)!, row, constant(bytes)),
        )
        // From the outermost loop on, the turned axis last.
        const inOrder = [...loops.keys()].flatMap((k) => axes.filter((axis) => loopOf.get(axis) === loops[k]))
        for (const axis of inOrder) {
          const at = axis === turn.axis ? scope : loopOf.get(axis)!.scope
          const step = s.multiply(w.root, strides[axis]!, constant(bytes))
          place = s.add(at, place, s.multiply(at, values.nest.counters[axis]!, step))
        }
        return place
      })
      if (t === 0) f.append(scope.code)
      else {
        f.get(across.counter).i32(t).op(code.i32Add)
        s.push(end)
        f.op(code.i32LtS).if(() => f.append(scope.code))
      }
    }
  })
  return w.wrap(loops, body)
}
