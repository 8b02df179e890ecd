import type { Expr, Kernel, ScalarOp } from '../../../kernel/ir.js'
import type { KernelWriter, Loop } from './kernel-writer.js'
import { constant } from './scalar.js'
import { Scope } from './scope.js'

/** Operations whose steps wait for each other: polynomials, divisions. */
const long: Readonly<Partial<Record<ScalarOp, number>>> = {
  exp: 40,
  exp2: 40,
  expm1: 45,
  log: 45,
  log1p: 45,
  tanh: 45,
  logistic: 45,
  erf: 45,
  sin: 40,
  cos: 40,
  div: 12,
  sqrt: 15,
  rsqrt: 25,
}
/** From this on, a processor cannot start the next four elements before these are nearly done. */
const longest = 60
/** Shorter rows are not worth a second loop. */
const fewest = 64

/** Every call that results need, operands first. Guards are left whole. */
const callsOf = (kernel: Kernel): readonly Expr[] => {
  const order: Expr[] = []
  const seen = new Set<Expr>()
  const visit = (x: Expr): void => {
    if (seen.has(x)) return
    seen.add(x)
    if (x.kind === 'call') x.args.forEach(visit)
    order.push(x)
  }
  kernel.outputs.forEach(visit)
  return order
}

/** Whether twice four elements at a time are faster than four: where one chain of operations is long. */
export const wantsTwins = (kernel: Kernel): boolean => {
  const inner = kernel.grid.at(-1)
  if (typeof inner !== 'number' || inner < fewest) return false
  let cost = 0
  for (const x of callsOf(kernel)) {
    if (x.kind === 'guard') return false
    if (x.kind !== 'call') continue
    cost += long[x.op] ?? 1
  }
  return cost >= longest
}

/**
 * The innermost loop of a kernel without reductions, for as long as there are eight elements: two vectors take turns,
 * operation by operation, so that neither waits for itself. What is left is for a loop that goes on from its counter.
 */
export const writeTwins = (w: KernelWriter, around: readonly Loop[], inner: Loop): Loop => {
  const { s, values } = w
  const outside = around.at(-1)?.scope ?? w.setting.outer.scopes.at(-1)!
  const axis = w.kernel.grid.length - 1
  const first: Loop = { ...inner, scope: new Scope(outside), end: s.add(outside, inner.end, constant(-7)), step: 8 }
  const scope = new Scope(outside, false, null, first.scope.code)
  const second: Loop = {
    ...first,
    scope,
    counter: s.localOf(scope, s.add(scope, { local: inner.counter }, constant(4))),
  }
  const twins = [first, second].map((loop) => ({
    loop,
    nest: w.nest([...around, loop], [], w.along(axis, loop)),
  }))
  for (const x of callsOf(w.kernel))
    for (const { loop, nest } of twins) {
      values.nest = nest
      values.evaluate(x, loop.scope)
    }
  for (const { loop, nest } of twins) {
    values.nest = nest
    w.storeFour(loop.scope, around, axis, loop, outside, true)
  }
  return first
}
