import { watchOuterReads } from '@linum/graph'
import { currentTrace, setCompiled } from '@linum/tensor/core'
import { lower } from '@linum/tensor'
import { compile } from '../jit/compile.js'

/**
 * Keeps what a call outside other transforms traced, as `jit` does. Only where the function reads no Variable and no
 * array that it captured: they may be others at the next call, and nobody asked here to have them read once for all.
 */
export const remember = <A extends readonly unknown[], R>(
  label: string,
  direct: (...args: A) => R,
  options: { readonly staticArgnums?: readonly number[] } = {},
): ((...args: A) => R) => {
  let traces = 0
  let captures = false
  const traced = (...args: A): R => {
    traces++
    const { result, any } = watchOuterReads(() => direct(...args))
    // Outside all transforms every Variable is one of those; then nothing is kept anyway.
    captures ||= any && currentTrace() !== null
    return result
  }
  Object.defineProperty(traced, 'name', { value: label })
  const kept = compile(traced, {
    label,
    ...options,
    keeps: (entry) => {
      captures ||= entry.traced.captured.length > 0
      return !captures
    },
  })
  const call = (...args: A): R => (captures || currentTrace() !== null ? traced(...args) : kept(...args))
  Object.defineProperty(call, 'name', { value: label })
  return setCompiled(call, {
    traceCount: () => traces,
    lower: (args) => lower(kept, ...(args as unknown as A)),
  })
}

type AnyFunction = (...args: never[]) => unknown

/** What is known of calls with some functions, found by their identities one after the other. */
interface Known {
  readonly next: WeakMap<AnyFunction, Known>
  called: boolean
  kept: AnyFunction | undefined
}

const unknown = (): Known => ({ next: new WeakMap(), called: false, kept: undefined })
const calls = new Map<string, Known>()

const getOrAdd = <K>(map: { get(key: K): Known | undefined; set(key: K, value: Known): unknown }, key: K): Known => {
  const found = map.get(key) ?? unknown()
  map.set(key, found)
  return found
}

/**
 * For transforms that are called with their functions at once: the second call with the same functions is remembered.
 * A function written in place is another one at every call, and pays nothing.
 */
export const rememberBy = <A extends readonly unknown[], R>(
  label: string,
  functions: readonly AnyFunction[],
  direct: (...args: A) => R,
  options?: { readonly staticArgnums?: readonly number[] },
): ((...args: A) => R) => {
  if (currentTrace() !== null) return direct
  const at = functions.reduce((node, f) => getOrAdd(node.next, f), getOrAdd(calls, label))
  if (!at.called) {
    at.called = true
    return direct
  }
  return (at.kept ??= remember(label, direct, options) as AnyFunction) as unknown as (...args: A) => R
}
