import { inStage } from '../../program/stages.js'
import { type Callee, i32 } from './asm/function.js'
import { importsFrom, type MemoryLimits, ModuleBuilder } from './asm/module.js'
import { Buffers } from './buffers.js'
import { hasRelaxed } from './features.js'
import { Heap, openMemory } from './heap.js'
import { hostFunctions } from './lanes/hosts.js'
import type { HostStep } from './link/host-step.js'
import { Linker } from './link/linker.js'
import { buildRoutineModule } from './routine-module.js'
import { commonRoutines, routineNamed } from './routines.js'
import { scratchBytes } from './scratch.js'
import { descriptorBytes, writeDescriptor } from './threads/program-descriptor.js'
import { threadObstacle } from './threads/support.js'
import { ThreadPool } from './threads/thread-pool.js'

/** Code of a program, ready to run on frames. */
export interface Instance {
  /** Runs the program on the frame at an address. */
  readonly run: (frame: number) => void
}

/** What a program has taken besides its code: given back when the code is collected. */
interface Holdings {
  readonly descriptor: number
  readonly bytes: number
  readonly byteLength: number
  readonly base: number
  readonly count: number
}

type Imports = Record<string, WebAssembly.ImportValue>

const constant = (value: number): WebAssembly.Global => new WebAssembly.Global({ value: 'i32' }, value)

/** The memory, the routines, the threads and what programs import: opened when the device is first used. */
export class Engine {
  readonly fma: boolean
  readonly heap: Heap
  readonly buffers: Buffers
  /** Null where threads cannot share memory; `obstacle` says why. */
  readonly pool: ThreadPool | null
  readonly obstacle: string | null
  readonly #limits: MemoryLimits
  readonly #imports: Imports
  readonly #table: WebAssembly.Table
  readonly #collected: FinalizationRegistry<Holdings>
  /** Entries of the table that are free again, by how many lie side by side. */
  readonly #entries = new Map<number, number[]>()
  #programs = 0
  #workspace = 0
  #workspaceBytes = 0
  #steps: readonly HostStep[] = []

  constructor() {
    this.fma = hasRelaxed()
    this.obstacle = threadObstacle()
    const shared = this.obstacle === null
    const { memory, pages } = openMemory(shared)
    this.#limits = { shared, minimum: 1, maximum: pages }
    this.heap = new Heap(memory, pages)
    this.buffers = new Buffers(this.heap)
    this.#table = new WebAssembly.Table({ initial: 0, element: 'anyfunc' })
    const scratch = (): number => this.heap.allocate(scratchBytes)
    const own = { memory, table: this.#table, scratch: constant(scratch()) }
    const routines = new WebAssembly.Module(buildRoutineModule(commonRoutines, { fma: this.fma, memory: this.#limits }))
    const { exports } = new WebAssembly.Instance(routines, { [importsFrom]: own })
    const hosts = Object.fromEntries(Object.entries(hostFunctions).map(([name, { run }]) => [name, run]))
    const step = (number: number, args: number): void => this.#steps[number]!(this.heap.buffer, args)
    this.#imports = { ...own, ...(exports as Imports), ...hosts, step }
    this.pool = shared ? new ThreadPool({ memory, routines, scratch }) : null
    this.#collected = new FinalizationRegistry((holdings) => this.#giveBack(holdings))
  }

  /** Memory for what lives during a call only, at least `bytes`; all programs share it. */
  workspace(bytes: number): number {
    if (bytes > this.#workspaceBytes) {
      const address = this.heap.allocate(bytes)
      if (this.#workspaceBytes > 0) this.heap.release(this.#workspace, this.#workspaceBytes)
      this.#workspace = address
      this.#workspaceBytes = bytes
    }
    return this.#workspace
  }

  /** A linker for a new program. */
  linker(): Linker {
    const module = new ModuleBuilder(this.#limits)
    const scratch = module.importGlobal('scratch')
    const [base, program] = [module.importGlobal('base'), module.importGlobal('program')]
    module.importTable('table')
    const functions = new Map<string, Callee>()
    for (const { name, params, results } of commonRoutines)
      functions.set(name, module.importFunction(name, params, results))
    for (const [name, { params, results }] of Object.entries(hostFunctions))
      functions.set(name, module.importFunction(name, params, results))
    functions.set('step', module.importFunction('step', [i32, i32]))
    const { fma } = this
    const { shared } = this.#limits
    const named = (name: string): Callee => functions.get(name) ?? embedded(name)
    const embedded = (name: string): Callee => {
      const routine = routineNamed.get(name)
      if (routine === undefined) throw new Error(`wasm: programs know no function ${name}`)
      const f = module.function(routine.params, routine.results)
      functions.set(name, f)
      routine.emit(f, { fma, shared, scratch, module, call: named })
      return f
    }
    return new Linker({ module, scratch, fma, routine: named, host: named, base, program, threads: shared })
  }

  /** Compiles what a linker has written; `main` is the function to run on frames. */
  instantiate({ target, entries, hostSteps }: Linker, main: Callee): Instance {
    const { module } = target
    module.function([i32], [], 'main').get(0).call(main)
    if (entries.length > 0)
      module.elements(
        target.base,
        entries.map(({ run }) => run),
      )
    const bytes = module.build()
    const holdings = entries.length === 0 ? null : this.#publish(bytes, entries.length)
    const imports = {
      [importsFrom]: {
        ...this.#imports,
        base: constant(holdings?.base ?? 0),
        program: constant(holdings?.descriptor ?? 0),
      },
    }
    const { exports } = inStage('compile', () => new WebAssembly.Instance(new WebAssembly.Module(bytes), imports))
    const run = this.#guarded(exports['main'] as (frame: number) => void, hostSteps)
    // The function, which is what callers keep.
    if (holdings !== null) this.#collected.register(run, holdings)
    return { run }
  }

  #guarded(run: (frame: number) => void, hostSteps: readonly HostStep[]): (frame: number) => void {
    const { pool } = this
    return (frame) => {
      this.#steps = hostSteps
      try {
        run(frame)
      } catch (error) {
        throw pool === null ? error : pool.settle(error)
      }
    }
  }

  /** Lets other threads find a program: its bytes and its entries of the table. */
  #publish(bytes: Uint8Array, count: number): Holdings {
    const at = this.heap.allocate(bytes.length)
    new Uint8Array(this.heap.buffer, at, bytes.length).set(bytes)
    const base = this.#entries.get(count)?.pop() ?? this.#table.grow(count)
    const descriptor = this.heap.allocate(descriptorBytes)
    writeDescriptor(this.heap.words, descriptor, {
      bytes: at,
      byteLength: bytes.length,
      tableBase: base,
      tableCount: count,
      id: ++this.#programs,
    })
    return { descriptor, bytes: at, byteLength: bytes.length, base, count }
  }

  /** Runs when no program does: finalizers never run within a call. */
  #giveBack({ descriptor, bytes, byteLength, base, count }: Holdings): void {
    this.heap.release(descriptor, descriptorBytes)
    this.heap.release(bytes, byteLength)
    for (let i = base; i < base + count; i++) this.#table.set(i, null)
    const free = this.#entries.get(count)
    if (free === undefined) this.#entries.set(count, [base])
    else free.push(base)
  }
}
