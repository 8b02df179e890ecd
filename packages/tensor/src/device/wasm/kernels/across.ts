import { i32, type Local } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import type { Lanes } from '../lanes/lane-emitter.js'
import { kernelScratch } from '../scratch.js'
import * as acc from './accumulate.js'
import { type KernelWriter, type Loop, writeLoop } from './kernel-writer.js'
import { type Scalar, zero } from './scalar.js'
import { Scope } from './scope.js'
import { copyLanes, newLanes } from './values.js'

/** Vectors that are reduced side by side, so that rows are read in stretches. */
const widest = 32

/** Where the running values of one accumulator are. */
interface Place {
  /** Bytes from the start of the scratch memory, and of one vector of four running values. */
  readonly offset: number
  readonly bytes: number
  /** Vectors per four results: eight partials, or one; float64 totals or positions behind them. */
  readonly partials: number
  readonly extra: number
}

const vectorBytes = (dtype: string): number => (dtype === 'float64' ? 32 : 16)

/** A reduction with four neighbours along the innermost axis of the grid at a time, all of its elements one after the other. */
export const writeAcross = (w: KernelWriter): readonly number[] => {
  const { e, f, s, values } = w
  const { grid, reduce, accumulators } = w.kernel
  const axis = grid.length - 1
  const around = w.gridLoops(axis)
  const home = around.at(-1)?.scope ?? w.setting.outer.scopes.at(-1)!
  const length = reduce.reduce<number>((n, x) => n * (typeof x === 'number' ? x : Infinity), 1)
  const single = length <= 128

  const sizes = accumulators.map((a) => {
    const bytes = vectorBytes(acc.runningType(a))
    const extra = acc.isArgument(a.op) ? 16 : acc.isOrdered(a) && !single ? 32 : 0
    return { bytes, partials: acc.isOrdered(a) ? 8 : 1, extra }
  })
  const each = sizes.reduce((n, x) => n + x.bytes * x.partials + x.extra, 0)
  const width = Math.max(1, Math.min(widest, Math.floor(kernelScratch.bytes / each)))
  let offset = 0
  const places = sizes.map((x): Place => {
    const place = { ...x, offset }
    offset += (x.bytes * x.partials + x.extra) * width
    return place
  })
  const scratch = w.setting.scratch()

  // Blocks of columns, within them the reduction, within it the columns.
  const { from, to } = w.bounds(axis)
  const block = w.loop(home, from, to, 4 * width)
  const end = s.local(block.scope, () => {
    f.get(block.counter)
      .i32(4 * width)
      .op(code.i32Add)
    s.push(to)
    f.get(block.counter)
      .i32(4 * width)
      .op(code.i32Add)
    s.push(to)
    f.op(code.i32LtS).select()
  })
  const start: Scalar = { local: block.counter }

  const loops: Loop[] = []
  reduce.forEach((_, k) => loops.push(w.loop(loops.at(-1)?.scope ?? block.scope, zero, w.extent(grid.length + k), 1)))
  const column = w.loop(loops.at(-1)!.scope, start, end, 4)
  const r = f.local(i32)

  /** The address of a vector of running values of the column that `loop` is at, partial number 0. */
  const addressOf = (p: Place, loop: Loop, bytes: number, at: number): Local => {
    const local = f.local(i32)
    s.push(scratch)
    f.get(loop.counter)
      .get(block.counter)
      .op(code.i32Sub)
      .i32(bytes / 4)
      .op(code.i32Mul)
      .op(code.i32Add)
    f.i32(p.offset + at)
      .op(code.i32Add)
      .set(local)
    return local
  }
  const loadAt = (address: Local, bytes: number, offset: number): Lanes =>
    (bytes === 32 ? [0, 16] : [0]).map((part) => {
      const lanes = newLanes(f, 'int32')[0]!
      f.get(address)
        .memory(code.v128Load, offset + part)
        .set(lanes)
      return lanes
    })
  const storeAt = (address: Local, offset: number, lanes: Lanes): void => {
    lanes.forEach((x, part) =>
      f
        .get(address)
        .get(x)
        .memory(code.v128Store, offset + 16 * part),
    )
  }
  const behind = (p: Place): number => p.bytes * p.partials * width

  // One element of each column.
  const nest = w.nest(around)
  const depth = nest.scopes.length
  values.nest = {
    scopes: [...nest.scopes, block.scope, ...loops.map((l) => l.scope), column.scope],
    levels: [...nest.levels, depth + 1 + loops.length, ...loops.map((_, k) => depth + 1 + k)],
    counters: [...nest.counters, { local: column.counter }, ...loops.map((l) => ({ local: l.counter }))],
    vector: w.along(axis, column),
    accumulators: [],
  }
  const elements = accumulators.map((a) => values.evaluate(a.value, column.scope))
  // Where the running values of the first column are, for this element.
  const bases = places.map(() => f.local(i32))
  const toBases = (): void =>
    places.forEach((p, k) => {
      s.push(scratch)
      f.i32(p.offset).op(code.i32Add)
      if (p.partials > 1)
        f.get(r)
          .i32(7)
          .op(code.i32And)
          .i32(p.bytes * width)
          .op(code.i32Mul)
          .op(code.i32Add)
      f.set(bases[k]!)
    })
  const step = f.within([], () => {
    accumulators.forEach((a, k) => {
      const p = places[k]!
      const address = f.local(i32)
      f.get(bases[k]!).get(column.counter).get(block.counter).op(code.i32Sub)
      f.i32(p.bytes === 32 ? 3 : 2)
        .op(code.i32Shl)
        .op(code.i32Add)
        .set(address)
      if (acc.isArgument(a.op)) {
        const best = { value: newLanes(f, a.value.dtype), at: newLanes(f, 'int32')[0]! }
        const at = addressOf(p, column, 16, behind(p))
        copyLanes(f, loadAt(address, p.bytes, 0), best.value)
        copyLanes(f, loadAt(at, 16, 0), [best.at])
        const position = newLanes(f, 'int32')[0]!
        f.get(r).op(code.i32x4Splat).set(position)
        acc.keepBest(e, a, best, elements[k]!, position, null)
        storeAt(address, 0, best.value)
        storeAt(at, 0, [best.at])
      } else storeAt(address, 0, acc.fold(e, a, loadAt(address, p.bytes, 0), elements[k]!))
    })
  })

  const partialsOf = (p: Place, address: Local): Lanes[] =>
    Array.from({ length: 8 }, (_, k) => loadAt(address, p.bytes, k * p.bytes * width))
  /** Adds the block's partials to the totals. */
  const flush = (k: number, loop: Loop, clear: boolean): void => {
    const a = accumulators[k]!
    const p = places[k]!
    if (!acc.isOrdered(a)) return
    const address = addressOf(p, loop, p.bytes, 0)
    const totals = addressOf(p, loop, 32, behind(p))
    const sum = acc.combinePartials(e, a, partialsOf(p, address))!
    storeAt(totals, 0, acc.foldTotals(e, a, loadAt(totals, 32, 0), acc.widenBlock(e, sum)))
    if (clear) {
      const none = values.constant(acc.runningType(a), acc.identity(a))
      for (let q = 0; q < 8; q++) storeAt(address, q * p.bytes * width, none)
    }
  }
  const columns = (emit: (loop: Loop) => void): void => {
    const loop = w.loop(block.scope, start, end, 4)
    writeLoop(f, s, loop, () => {
      f.append(loop.scope.code)
      emit(loop)
    })
  }
  const flushes = !single && accumulators.some(acc.isOrdered)
  const row = f.within([], () => {
    toBases()
    writeLoop(f, s, column, () => {
      f.append(column.scope.code).append(step)
    })
    f.increment(r, 1)
    if (flushes) {
      f.get(r).i32(127).op(code.i32And).op(code.i32Eqz)
      f.if(() => columns((loop) => accumulators.forEach((_, k) => flush(k, loop, true))))
    }
  })

  // Results of a block of columns.
  const out = w.loop(block.scope, start, end, 4)
  const epilogue = new Scope(out.scope)
  const results = accumulators.map((a, k): Lanes => {
    const p = places[k]!
    let lanes: Lanes = []
    f.within(epilogue.code, () => {
      if (acc.isArgument(a.op)) {
        lanes = acc.position(e, loadAt(addressOf(p, out, 16, behind(p)), 16, 0)[0]!)
      } else if (!acc.isOrdered(a)) {
        lanes = acc.finish(e, a, loadAt(addressOf(p, out, p.bytes, 0), p.bytes, 0))
      } else if (single) {
        const none = values.constant(acc.runningType(a), acc.identity(a))
        const sum = acc.combinePartials(e, a, partialsOf(p, addressOf(p, out, p.bytes, 0)))!
        lanes = acc.finish(e, a, acc.fold(e, a, none, sum))
      } else {
        flush(k, out, false)
        const totals = loadAt(addressOf(p, out, 32, behind(p)), 32, 0)
        lanes = acc.finishTotals(e, a, totals)
      }
    })
    return lanes
  })
  const vector = w.along(axis, out)
  values.nest = {
    scopes: [...nest.scopes, block.scope, out.scope, epilogue],
    levels: [...nest.levels, depth + 1],
    counters: [...nest.counters, { local: out.counter }],
    vector,
    accumulators: results,
  }
  w.storeFour(epilogue, around, axis, out, home)

  const body = f.within([], () => {
    writeLoop(f, s, block, () => {
      f.append(block.scope.code)
      columns((loop) =>
        accumulators.forEach((a, k) => {
          const p = places[k]!
          const address = addressOf(p, loop, p.bytes, 0)
          const none = values.constant(acc.runningType(a), acc.isArgument(a.op) ? 0 : acc.identity(a))
          for (let q = 0; q < p.partials; q++) storeAt(address, q * p.bytes * width, none)
          if (p.extra === 16) storeAt(addressOf(p, loop, 16, behind(p)), 0, values.constant('int32', -1))
          if (p.extra === 32) storeAt(addressOf(p, loop, 32, behind(p)), 0, values.constant('float64', acc.identity(a)))
        }),
      )
      f.i32(0).set(r)
      f.append(w.wrap(loops, row))
      writeLoop(f, s, out, () => {
        f.append(out.scope.code).append(epilogue.code)
      })
    })
  })
  return around.length === 0 ? body : w.wrap(around, body)
}
