import { customVjp as pureCustomVjp } from '@linum/autodiff'
import type { Path } from '@linum/filters'
import { flatten, type GraphDef, unflatten } from '@linum/graph'
import { GraphError, StateError, type Tensor } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import { sameType } from '../jit/cache.js'
import { differences } from '../lift/differences.js'
import { type Extracted, type Inside, runInside } from '../lift/sandwich.js'
import { perTensor, putValues, sameShapes, takeValues, type Values } from '../lift/values.js'
import { type Differentiated, outputCotangents, returnedCotangents } from './cotangents.js'
import type { AnyFunction, Rule } from './rule.js'

/** A function with its rule, on arguments of one structure: a pure function of their tensors. */
export interface Plan {
  /** Whether a call with these arguments is one of this plan. */
  fits(call: Extracted): boolean
  run(tensors: readonly Tensor[]): readonly Tensor[]
  /** What the function left when it was traced. */
  left(): Inside | undefined
}

type Kept = { readonly graphdef: GraphDef; readonly shapes: Values['shapes'] }

export const planOf = (rule: Rule, { label, outer, values, given }: Extracted): Plan => {
  const structure = { label, outer, values }
  const leafOf = perTensor(
    outer.leaves.map((_, i) => i),
    values.shapes,
  )
  const argnums = given.map((_, i) => i).filter((i) => !rule.named.includes(i))
  const differentiated = values.tensors.map((tensor, k): Differentiated | null => {
    const leaf = leafOf[k]!
    const [argnum, ...path] = outer.graphdef.paths[leaf]! as readonly [number, ...Path]
    const chosen = rule.filters.get(argnum)?.(path, outer.leaves[leaf]) ?? true
    return chosen && argnums.includes(argnum) && values.shapes[leaf] === null && isFloat(tensor.dtype)
      ? { argnum, path, tensor }
      : null
  })
  const pick = (tensors: readonly Tensor[], wanted: boolean): readonly Tensor[] =>
    tensors.filter((_, k) => (differentiated[k] !== null) === wanted)
  const join = (diff: readonly Tensor[], rest: readonly Tensor[]): readonly Tensor[] => {
    let [i, j] = [0, 0]
    return differentiated.map((d) => (d === null ? rest[j++]! : diff[i++]!))
  }

  let primal: Inside | undefined
  const body = (diff: readonly Tensor[], rest: readonly Tensor[]): readonly Tensor[] => {
    const inside = runInside(structure, rule.f, join(diff, rest), { liftsResult: true })
    if ((inside as unknown) instanceof Promise) return inside as never
    primal = inside
    return inside.values.tensors
  }
  Object.defineProperty(body, 'name', { value: rule.f.name })

  let kept: Kept | undefined
  const forward = (
    diff: readonly Tensor[],
    rest: readonly Tensor[],
  ): readonly [readonly Tensor[], readonly Tensor[]] => {
    let residuals: unknown
    const outputOf = (...inner: readonly unknown[]): unknown => {
      const pair = rule.fwd(...(inner as never[]))
      if (pair instanceof Promise) return pair
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new StateError(
          `${label}: fwd must return a pair [output, residuals], got ${Array.isArray(pair) ? `an array of ${pair.length}` : typeof pair}`,
        )
      // What bwd gets beside the cotangents.
      residuals = [rule.named.map((i) => inner[i]), (pair as readonly unknown[])[1]]
      return (pair as readonly unknown[])[0]
    }
    const inside = runInside(structure, outputOf as AnyFunction, join(diff, rest), { liftsResult: true })
    if ((inside as unknown) instanceof Promise) return inside as never
    const want = primal!.flat.graphdef
    if (!inside.flat.graphdef.equals(want))
      throw new GraphError(
        `${label}: fwd must leave the same reference and pytree structure as the function, but they differ:\n${differences(want, inside.flat.graphdef, ['in the function', 'in fwd'])}`,
      )
    const flat = flatten(residuals)
    const taken = takeValues(flat.leaves)
    kept = { graphdef: flat.graphdef, shapes: taken.shapes }
    return [inside.values.tensors, taken.tensors]
  }

  const backward = (residuals: readonly Tensor[], cotangents: readonly Tensor[]): readonly unknown[] => {
    const [nondiff, own] = unflatten(kept!.graphdef, putValues(kept!.shapes, residuals)) as readonly [
      readonly unknown[],
      unknown,
    ]
    const returned = rule.bwd(...([...nondiff, own, outputCotangents(primal!, argnums, cotangents)] as never[]))
    if (returned instanceof Promise) return returned as never
    return [
      returnedCotangents(
        label,
        argnums,
        differentiated.filter((d) => d !== null),
        returned,
      ),
      null,
    ]
  }

  const run = pureCustomVjp(body, forward as never, backward as never)
  return {
    fits: (call) =>
      call.outer.graphdef.equals(outer.graphdef) &&
      sameShapes(call.values.shapes, values.shapes) &&
      call.values.tensors.every((t, i) => sameType(t.aval, values.tensors[i]!.aval)),
    run: (tensors) => run(pick(tensors, true), pick(tensors, false)),
    left: () => primal,
  }
}
