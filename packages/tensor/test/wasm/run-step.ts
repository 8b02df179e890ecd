import type { TypedArray } from '@linum/tensor'
import { type Callee, i32, type ValueType } from '../../src/device/wasm/asm/function.js'
import { importsFrom, type MemoryLimits, ModuleBuilder } from '../../src/device/wasm/asm/module.js'
import { buildRoutineModule } from '../../src/device/wasm/routine-module.js'
import { routineDefinitions } from '../../src/device/wasm/routines.js'
import { scratchBytes } from '../../src/device/wasm/scratch.js'
import type { StepCode, Target } from '../../src/device/wasm/step-code.js'

const limits: MemoryLimits = { shared: false, minimum: 1, maximum: 65536 }

/** A function of the host: its type and what it does. */
export interface HostFunction {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  readonly run: (...args: number[]) => number
}

export interface RunOptions {
  readonly fma?: boolean
  readonly params?: readonly number[]
  readonly hosts?: Readonly<Record<string, HostFunction>>
  /** Units per call; all at once unless given. */
  readonly grain?: number
}

/** A step's code: compiled once, run as often as wanted. Steps share a memory, so what they do not write is rubbish. */
export interface CompiledStep {
  /** Copies the inputs in, runs every part and copies the outputs (given for their type and length) out into the arrays given. */
  run(inputs: readonly TypedArray[], outputs: readonly TypedArray[]): void
  readonly bytes: Uint8Array
}

interface Place {
  readonly memory: WebAssembly.Memory
  readonly table: WebAssembly.Table
  readonly scratch: WebAssembly.Global
  readonly routines: WebAssembly.Exports
}

const places = new Map<boolean, Place>()

/** A memory and the routines in it, the same for all steps: to make them takes longer than a step's run. */
const placeFor = (fma: boolean): Place => {
  const known = places.get(fma)
  if (known !== undefined) return known
  const memory = new WebAssembly.Memory({ initial: 2048, maximum: limits.maximum })
  const table = new WebAssembly.Table({ initial: 16, element: 'anyfunc' })
  const scratch = new WebAssembly.Global({ value: 'i32' }, 1024)
  const module = new WebAssembly.Module(buildRoutineModule(routineDefinitions, { fma, memory: limits }))
  const env: Record<string, unknown> = { memory, table, scratch }
  const routines = new WebAssembly.Instance(module, { [importsFrom]: env } as never).exports
  const place = { memory, table, scratch, routines }
  places.set(fma, place)
  return place
}

/** Compiles what `emit` writes. */
export const compileStep = (emit: (target: Target) => StepCode, options: RunOptions = {}): CompiledStep => {
  const { fma = false, params = [], hosts = {}, grain } = options
  const { memory, table, scratch, routines } = placeFor(fma)
  const env: Record<string, unknown> = { memory, table, scratch }
  const module = new ModuleBuilder(limits)
  const scratchGlobal = module.importGlobal('scratch')
  const imported = new Map<string, Callee>()
  for (const { name, params: p, results } of routineDefinitions) {
    imported.set(name, module.importFunction(name, p, results))
    env[name] = routines[name]
  }
  for (const [name, h] of Object.entries(hosts)) {
    imported.set(name, module.importFunction(name, h.params, h.results))
    env[name] = h.run
  }
  const named = (name: string): Callee => {
    const f = imported.get(name)
    if (f === undefined) throw new Error(`there is no function ${name}`)
    return f
  }
  const code = emit({ module, scratch: scratchGlobal, fma, routine: named, host: named })
  // Each part is called through an export of its own.
  code.parts.forEach((part, k) => {
    const f = module.function([i32, i32, i32], [], `part${k}`)
    f.get(0).get(1).get(2).call(part.run)
  })
  const bytes = module.build()
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { [importsFrom]: env } as never)
  return {
    bytes,
    run: (inputs, outputs) => {
      let top = 1024 + scratchBytes + 4096
      const place = (byteLength: number): number => {
        const at = top
        top = Math.ceil((top + byteLength + 64) / 64) * 64
        return at
      }
      const addresses = [...inputs, ...outputs].map((x) => place(x.byteLength))
      addresses.push(...code.temporaries.map(place))
      const words = [...addresses, ...params, ...(code.limits ?? []).map((k) => [...inputs, ...outputs][k]!.byteLength)]
      const block = place(4 * words.length)
      if (top > memory.buffer.byteLength) memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536) + 1)
      new Int32Array(memory.buffer, block, words.length).set(words)
      const bytesAt = (k: number, x: TypedArray): Uint8Array =>
        new Uint8Array(memory.buffer, addresses[k], x.byteLength)
      const bytesOf = (x: TypedArray): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
      inputs.forEach((x, k) => bytesAt(k, x).set(bytesOf(x)))
      // What lies behind an output must not be written.
      const behind = outputs.map(
        (x, k) => new Uint8Array(memory.buffer, addresses[inputs.length + k]! + x.byteLength, 64),
      )
      behind.forEach((b) => b.fill(0xa5))
      code.parts.forEach((part, k) => {
        const units = typeof part.units === 'number' ? part.units : params[part.units.param]!
        const step = grain ?? Math.max(1, units)
        const run = exports[`part${k}`] as (args: number, from: number, to: number) => void
        for (let from = 0; from < units; from += step) run(block, from, Math.min(units, from + step))
      })
      outputs.forEach((x, k) => bytesOf(x).set(bytesAt(inputs.length + k, x)))
      if (behind.some((b) => b.some((byte) => byte !== 0xa5))) throw new Error('an output was written beyond its end')
    },
  }
}
