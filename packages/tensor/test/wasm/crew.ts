import { type Callee, type FunctionBuilder, i32 } from '../../src/device/wasm/asm/function.js'
import { importsFrom, ModuleBuilder } from '../../src/device/wasm/asm/module.js'
import {
  i32Add,
  i32And,
  i32AtomicLoad,
  i32AtomicRmwAdd,
  i32Eqz,
  i32LtU,
  i32Mul,
  i32Ne,
  i32ShrU,
  i32Store,
  i32Sub,
} from '../../src/device/wasm/asm/opcodes.js'
import { buildRoutineModule } from '../../src/device/wasm/routine-module.js'
import { forkRoutine, serveRoutine } from '../../src/device/wasm/threads/fork.js'
import { descriptorBytes, writeDescriptor } from '../../src/device/wasm/threads/program-descriptor.js'
import { ThreadPool } from '../../src/device/wasm/threads/thread-pool.js'

const limits = { shared: true, minimum: 1, maximum: 2048 }
/** Where the scratch memory of the thread that forks is; workers have others. */
const mainScratch = 4096
const longest = 1_000_000_000

/** Where the code of a test program's unit goes, and what it may use. */
export interface UnitCode {
  readonly f: FunctionBuilder
  /** The address of the block of words that a fork is given. */
  readonly args: number
  readonly unit: number
  /** Globals. */
  readonly scratch: number
  readonly base: number
  readonly program: number
  readonly fork: Callee
}
export type Unit = (code: UnitCode) => void

const word = ({ f, args, unit }: UnitCode): FunctionBuilder => f.get(unit).i32(4).op(i32Mul).get(args).op(i32Add)
const isWorker = ({ f, scratch }: UnitCode): FunctionBuilder => f.globalGet(scratch).i32(mainScratch).op(i32Ne)

/** Adds to the unit's word, so that a unit that is left out or done twice shows. */
export const counting =
  (by = 1, offset = 0): Unit =>
  (code) => {
    word(code).i32(by).atomic(i32AtomicRmwAdd, offset).drop()
  }

const delay = ({ f, unit }: UnitCode, mask: number): void => {
  const rounds = f.local(i32)
  f.get(unit).i32(0x9e3779b1).op(i32Mul).i32(7).op(i32ShrU).i32(mask).op(i32And).i32(1).op(i32Add).set(rounds)
  f.loop(() => {
    f.get(rounds).i32(1).op(i32Sub).tee(rounds).branchIf(0)
  })
}

/** As `counting`, after a delay that differs from unit to unit, in all threads or in workers only. */
export const slow =
  (rounds: number, inWorkersOnly = false): Unit =>
  (code) => {
    if (inWorkersOnly) isWorker(code).if(() => delay(code, rounds))
    else delay(code, rounds)
    counting()(code)
  }

/**
 * Every unit waits until `count` of them run, so that as many threads must take part, and leaves the address of its
 * thread's scratch memory in a word behind the first, where they meet.
 */
export const meeting =
  (count: number): Unit =>
  ({ f, args, unit, scratch }) => {
    const rounds = f.local(i32)
    f.get(args).i32(1).atomic(i32AtomicRmwAdd).drop().i32(longest).set(rounds)
    f.block(() => {
      f.loop(() => {
        f.get(args).atomic(i32AtomicLoad).i32(count).op(i32LtU).op(i32Eqz).branchIf(1)
        f.get(rounds).i32(1).op(i32Sub).tee(rounds).branchIf(0)
      })
    })
    f.get(unit).i32(4).op(i32Mul).get(args).op(i32Add).globalGet(scratch).memory(i32Store, 4)
  }

/** Meets, then throws in the threads asked for. */
export const failing =
  (where: 'main' | 'worker'): Unit =>
  (code) => {
    meeting(2)(code)
    isWorker(code)
    if (where === 'main') code.f.op(i32Eqz)
    code.f.if(() => code.f.unreachable())
  }

/** Meets, then never ends in a worker. */
export const endless: Unit = (code) => {
  meeting(2)(code)
  isWorker(code).if(() => code.f.loop(() => code.f.branch(0)))
}

/** Every unit forks over four units of a block of its own. */
export const nested: Unit = ({ f, args, unit, base, program, fork }) => {
  // The second function of the program counts.
  f.globalGet(base).i32(1).op(i32Add)
  f.get(args).get(unit).i32(16).op(i32Mul).op(i32Add)
  f.i32(4).i32(1).globalGet(program).call(fork)
}

export interface TestProgram {
  /** Forks `times` times over `units` units. */
  run(args: number, units: number, grain: number, times?: number): void
}

/** A memory with a pool of threads, and programs that fork. */
export interface Crew {
  readonly pool: ThreadPool
  readonly memory: WebAssembly.Memory
  /** The address of zeroed bytes. */
  allocate(bytes: number): number
  /** A program whose function is at `entry` of the table; the bytes that workers find can be spoilt. */
  compile(unit: Unit, options?: { readonly entry?: number; readonly spoilt?: boolean }): TestProgram
  set(address: number, value: number): void
  /** The first words at an address. */
  at(address: number, count: number): readonly number[]
}

const chunkFunction = (module: ModuleBuilder, code: Omit<UnitCode, 'f' | 'args' | 'unit'>, unit: Unit): Callee => {
  const f = module.function([i32, i32, i32])
  f.block(() => {
    f.loop(() => {
      f.get(1).get(2).op(i32LtU).op(i32Eqz).branchIf(1)
      unit({ ...code, f, args: 0, unit: 1 })
      f.increment(1, 1).branch(0)
    })
  })
  return f
}

const programBytes = (unit: Unit): Uint8Array<ArrayBuffer> => {
  const module = new ModuleBuilder(limits)
  const globals = {
    scratch: module.importGlobal('scratch'),
    base: module.importGlobal('base'),
    program: module.importGlobal('program'),
  }
  module.importTable('table')
  const fork = module.importFunction('fork', [i32, i32, i32, i32, i32])
  const code = { ...globals, fork }
  module.elements(globals.base, [chunkFunction(module, code, unit), chunkFunction(module, code, counting())])
  const main = module.function([i32, i32, i32, i32], [], 'main')
  main.loop(() => {
    main.globalGet(globals.base).get(0).get(1).get(2).globalGet(globals.program).call(fork)
    main.get(3).i32(1).op(i32Sub).tee(3).branchIf(0)
  })
  return module.build()
}

export const openCrew = (threads: number): Crew => {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: limits.maximum, shared: true })
  const table = new WebAssembly.Table({ initial: 1024, element: 'anyfunc' })
  const words = new Int32Array(memory.buffer)
  const constant = (value: number): WebAssembly.Global => new WebAssembly.Global({ value: 'i32' }, value)
  let [top, programs] = [mainScratch + 64, 0]
  const allocate = (bytes: number): number => {
    const address = top
    top += Math.ceil(bytes / 64) * 64
    return address
  }
  const routineBytes = buildRoutineModule([forkRoutine, serveRoutine], { fma: false, memory: limits })
  const routines = new WebAssembly.Module(routineBytes)
  const env = { memory, table, scratch: constant(mainScratch) }
  const { exports } = new WebAssembly.Instance(routines, { [importsFrom]: env })
  const pool = new ThreadPool({ memory, routines, scratch: () => allocate(64) })
  pool.resize(threads)

  const compile: Crew['compile'] = (unit, { entry, spoilt = false } = {}) => {
    const id = ++programs
    const tableBase = entry ?? 2 * id
    if (table.length < tableBase + 2) table.grow(tableBase + 2 - table.length)
    const bytes = programBytes(unit)
    const [address, program] = [allocate(bytes.length), allocate(descriptorBytes)]
    if (!spoilt) new Uint8Array(memory.buffer, address).set(bytes)
    writeDescriptor(words, program, { bytes: address, byteLength: bytes.length, tableBase, tableCount: 2, id })
    const imports = { ...env, fork: exports['fork']!, base: constant(tableBase), program: constant(program) }
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { [importsFrom]: imports })
    const main = instance.exports['main'] as (args: number, units: number, grain: number, times: number) => void
    return {
      run: (args, units, grain, times = 1) => {
        try {
          main(args, units, grain, times)
        } catch (error) {
          throw pool.settle(error)
        }
      },
    }
  }
  const set = (address: number, value: number): void => {
    words[address / 4] = value
  }
  const at = (address: number, count: number): readonly number[] => [...new Int32Array(memory.buffer, address, count)]
  return { pool, memory, allocate, compile, set, at }
}

/** Waits until `condition` holds. */
export const until = async (condition: () => boolean): Promise<void> => {
  for (let k = 0; k < 4000 && !condition(); k++) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!condition()) throw new Error('waited for nothing')
}

/** As `openCrew`, with a worker that has joined, if there are any. */
export const startCrew = async (threads: number): Promise<Crew> => {
  const crew = openCrew(threads)
  crew.pool.start()
  await until(() => threads === 1 || crew.pool.joined)
  return crew
}
