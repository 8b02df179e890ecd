import type { NumbersAreStatic } from '@linum/tensor/core'
import { tellAs } from './tell-as.js'
import { compile } from './compile.js'
import type { JitOptions } from './jit.js'

/**
 * `jit` for a method, as a standard decorator: `@jitted() forward(x) {...}`. The object is an argument like the others,
 * so that what the method does to it appears in it, and all instances of one structure share a trace. `staticArgnums`
 * counts the parameters of the method, from 0.
 */
export const jitted =
  <const S extends readonly number[] = readonly []>(options: JitOptions<S> = {}) =>
  <This, A extends readonly unknown[], R>(
    method: (this: This, ...args: A) => R,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: A) => R>,
    ..._numbers: NumbersAreStatic<A, S, never>
  ): ((this: This, ...args: A) => R) => {
    const name = String(context.name)
    const run = compile((self: This, ...args: A): R => method.apply(self, args as never), {
      label: `jitted(${name})`,
      staticArgnums: (options.staticArgnums ?? []).map((n) => n + 1),
    })
    const call = function (this: This, ...args: A): R {
      return run(this, ...args)
    }
    return tellAs(call, run, name)
  }
