import { lifted } from '@linum/graph'
import type { NumbersAreStatic } from '@linum/tensor/core'
import { compile } from './compile.js'

export interface JitOptions<S extends readonly number[] = readonly number[]> {
  /** Arguments that are part of the cache key instead of being traced; compared by content where they say how, else by identity. */
  readonly staticArgnums?: S
}

/**
 * Compiles a function of modules, Variables and trees of tensors: traced once per combination of structure and types,
 * then run as one fused program. Updates of Variables, and edits of the graph, appear in the original objects. What
 * the function captures is read when it is traced. `traceCount` and `lower` tell what became of it.
 */
export const jit = <A extends readonly unknown[], R, const S extends readonly number[] = readonly []>(
  f: (...args: A) => R,
  ...[options = {}]: NumbersAreStatic<A, S, JitOptions<S>>
): ((...args: A) => R) =>
  Object.defineProperty(
    compile(f, { label: `jit(${f.name || 'anonymous'})`, staticArgnums: options.staticArgnums ?? [] }),
    // The function works on copies; what it does to their structure comes back by one way, which keeps count.
    lifted,
    { value: true },
  )
