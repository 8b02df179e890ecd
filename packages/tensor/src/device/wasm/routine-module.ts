import type { Callee, FunctionBuilder, ValueType } from './asm/function.js'
import { type MemoryLimits, ModuleBuilder } from './asm/module.js'

/** What a routine's code may use. */
export interface RoutineEnvironment {
  readonly fma: boolean
  /** Whether memory is shared with other threads. */
  readonly shared: boolean
  /** The imported global that holds the address of the running thread's scratch memory. */
  readonly scratch: number
  readonly module: ModuleBuilder
  /** Another routine, by name. */
  call(name: string): Callee
}

/** A function of the module that all programs share: it is compiled once and stays optimised. */
export interface RoutineDefinition {
  readonly name: string
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  emit(f: FunctionBuilder, env: RoutineEnvironment): void
}

/** The bytes of a module of routines: it imports `memory`, `scratch` and `table` and exports every routine by its name. */
export const buildRoutineModule = (
  definitions: readonly RoutineDefinition[],
  { fma, memory }: { readonly fma: boolean; readonly memory: MemoryLimits },
): Uint8Array<ArrayBuffer> => {
  const module = new ModuleBuilder(memory)
  const scratch = module.importGlobal('scratch')
  module.importTable('table')
  const functions = new Map(
    definitions.map(({ name, params, results }) => [name, module.function(params, results, name)] as const),
  )
  const call = (name: string): Callee => {
    const f = functions.get(name)
    if (f === undefined) throw new Error(`wasm: there is no routine ${name}`)
    return f
  }
  for (const d of definitions) d.emit(functions.get(d.name)!, { fma, shared: memory.shared, scratch, module, call })
  return module.build()
}
