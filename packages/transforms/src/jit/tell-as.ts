import { lower, traceCount } from '@linum/tensor'
import { setCompiled } from '@linum/tensor/core'

/** Gives `f` a name, and lets `traceCount` and `lower` tell of it what they tell of `inner`. */
export const tellAs = <F extends (...args: never[]) => unknown>(
  f: F,
  inner: (...args: never[]) => unknown,
  name: string = inner.name,
): F => {
  Object.defineProperty(f, 'name', { value: name })
  return setCompiled(f, {
    traceCount: () => traceCount(inner),
    lower: (args) => lower(inner, ...(args as never[])),
  })
}
