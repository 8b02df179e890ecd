import { v128 } from './asm/function.js'
import { ModuleBuilder } from './asm/module.js'
import { f32x4RelaxedMadd } from './asm/opcodes.js'

const limits = { shared: false, minimum: 0, maximum: 1 }

const vectorModule = (relaxed: boolean): Uint8Array<ArrayBuffer> => {
  const module = new ModuleBuilder(limits)
  const f = module.function([v128, v128, v128], [v128])
  if (relaxed) f.get(0).get(1).get(2).op(f32x4RelaxedMadd)
  else f.get(0)
  return module.build()
}

/** Whether WebAssembly with vectors can be compiled here: not in old engines, nor where a content security policy forbids it. */
export const hasVectors = (): boolean => {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(vectorModule(false))) return false
  try {
    return new WebAssembly.Module(vectorModule(false)) instanceof WebAssembly.Module
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || (error as Error).name === 'EvalError') return false
    throw error
  }
}

const variable = 'LINUM_RELAXED_SIMD'

interface Host {
  readonly process?: NodeProcess
  readonly Deno?: {
    readonly permissions: {
      querySync(wanted: { readonly name: 'env'; readonly variable: string }): { readonly state: string }
    }
  }
}

interface NodeProcess {
  readonly env?: Readonly<Record<string, string | undefined>>
  getBuiltinModule?(name: string): { setFlagsFromString?(flags: string): void } | undefined
}

/**
 * Whether the engine has fused multiply-add (relaxed SIMD). Node 20 has it behind a flag, which is set here; the
 * environment variable LINUM_RELAXED_SIMD=0 forbids both the flag and the instructions.
 */
export const hasRelaxed = (): boolean => {
  const { process, Deno } = globalThis as Host
  // Deno would stop and ask the person, or throw; who did not permit the variable did not set it for this program.
  const readable = Deno === undefined || Deno.permissions.querySync({ name: 'env', variable }).state === 'granted'
  if (readable && process?.env?.[variable] === '0') return false
  const bytes = vectorModule(true)
  if (WebAssembly.validate(bytes)) return true
  process?.getBuiltinModule?.('node:v8')?.setFlagsFromString?.('--experimental-wasm-relaxed-simd')
  return WebAssembly.validate(bytes)
}
