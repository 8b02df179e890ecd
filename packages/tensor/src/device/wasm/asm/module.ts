import { type Callee, FunctionBuilder, i32, unsigned, type ValueType } from './function.js'

/** The memory that a module works on. */
export interface MemoryLimits {
  readonly shared: boolean
  /** In pages of 64 KiB; the maximum must be at least the memory's. */
  readonly minimum: number
  readonly maximum: number
}

interface Import {
  readonly name: string
  readonly description: readonly number[]
}

const text = (into: number[], name: string): void => {
  unsigned(into, name.length)
  for (let i = 0; i < name.length; i++) into.push(name.charCodeAt(i))
}

/** The namespace of everything that a module imports. */
export const importsFrom = 'env'

/** Puts a WebAssembly module together. Imports come before functions. */
export class ModuleBuilder {
  readonly #types: string[] = []
  readonly #typeCodes: (readonly number[])[] = []
  readonly #imports: Import[] = []
  readonly #functions: FunctionBuilder[] = []
  readonly #exports: { readonly name: string; readonly index: number }[] = []
  #importedFunctions = 0
  #importedGlobals = 0
  #elements: { readonly base: number; readonly functions: readonly Callee[] } | null = null

  constructor(memory: MemoryLimits) {
    const limits = [memory.shared ? 3 : 1]
    unsigned(limits, memory.minimum)
    unsigned(limits, memory.maximum)
    this.#imports.push({ name: 'memory', description: [2, ...limits] })
  }

  /** The number of a function type, for indirect calls. */
  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`
    const known = this.#types.indexOf(key)
    if (known >= 0) return known
    const code = [0x60]
    unsigned(code, params.length)
    code.push(...params)
    unsigned(code, results.length)
    code.push(...results)
    this.#typeCodes.push(code)
    return this.#types.push(key) - 1
  }

  importFunction(name: string, params: readonly ValueType[], results: readonly ValueType[] = []): Callee {
    if (this.#functions.length > 0) throw new Error(`wasm module: import ${name} comes after a function`)
    const description = [0]
    unsigned(description, this.type(params, results))
    this.#imports.push({ name, description })
    return { index: this.#importedFunctions++ }
  }
  /** A global integer; its number is what comes back. */
  importGlobal(name: string, mutable = false): number {
    this.#imports.push({ name, description: [3, i32, mutable ? 1 : 0] })
    return this.#importedGlobals++
  }
  /** The table of functions that indirect calls go through. */
  importTable(name: string): void {
    this.#imports.push({ name, description: [1, 0x70, 0, 0] })
  }

  /** A new function, exported where it has a `name`. */
  function(
    params: readonly ValueType[],
    results: readonly ValueType[] = [],
    name: string | null = null,
  ): FunctionBuilder {
    const f = new FunctionBuilder(this.#importedFunctions + this.#functions.length, params, results)
    this.#functions.push(f)
    if (name !== null) this.#exports.push({ name, index: f.index })
    return f
  }

  /** Puts functions into the imported table, from the entry whose number is in the imported global `base` on. */
  elements(base: number, functions: readonly Callee[]): void {
    this.#elements = { base, functions }
  }

  build(): Uint8Array<ArrayBuffer> {
    const parts: (readonly number[])[] = [[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]]
    const section = (id: number, count: number, entries: readonly (readonly number[])[]): void => {
      const head: number[] = []
      unsigned(head, count)
      const start = [id]
      unsigned(
        start,
        entries.reduce((bytes, entry) => bytes + entry.length, head.length),
      )
      parts.push(start, head)
      for (const entry of entries) parts.push(entry)
    }
    // The types of all functions are numbered before the types are written.
    const declared = this.#functions.map((f) => this.type(f.params, f.results))
    section(1, this.#typeCodes.length, this.#typeCodes)
    const imports: number[] = []
    for (const { name, description } of this.#imports) {
      text(imports, importsFrom)
      text(imports, name)
      for (const byte of description) imports.push(byte)
    }
    section(2, this.#imports.length, [imports])
    const functions: number[] = []
    for (const type of declared) unsigned(functions, type)
    section(3, declared.length, [functions])
    const exports: number[] = []
    for (const { name, index } of this.#exports) {
      text(exports, name)
      exports.push(0)
      unsigned(exports, index)
    }
    section(7, this.#exports.length, [exports])
    if (this.#elements !== null) section(9, 1, [elementSegment(this.#elements.base, this.#elements.functions)])
    section(10, this.#functions.length, this.#functions.flatMap(functionBody))
    return joined(parts)
  }
}

const joined = (parts: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const elementSegment = (base: number, functions: readonly Callee[]): readonly number[] => {
  const segment = [0, 0x23]
  unsigned(segment, base)
  segment.push(0x0b)
  unsigned(segment, functions.length)
  for (const f of functions) unsigned(segment, f.index)
  return segment
}

const end: readonly number[] = [0x0b]

/** The locals of a function in front of its code, in pieces. */
const functionBody = (f: FunctionBuilder): readonly (readonly number[])[] => {
  const groups: { count: number; readonly type: ValueType }[] = []
  for (const type of f.locals) {
    const last = groups.at(-1)
    if (last?.type === type) last.count++
    else groups.push({ count: 1, type })
  }
  const head: number[] = []
  unsigned(head, groups.length)
  for (const { count, type } of groups) {
    unsigned(head, count)
    head.push(type)
  }
  const size: number[] = []
  unsigned(size, head.length + f.code.length + 1)
  return [size, head, f.code, end]
}
