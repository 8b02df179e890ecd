import { formatPath, type Path } from '@linum/filters'
import { DtypeError, ShapeError, StateError, Tensor, type TensorLike } from '@linum/tensor'
import { formatShape, isFloat, sameShape, toTensor } from '@linum/tensor/core'
import { checkNoOthers, lookUp, mirror } from '../lift/mirror.js'
import type { Inside } from '../lift/sandwich.js'
import { perTensor } from '../lift/values.js'

/** A tensor that has a cotangent: its argument, its path there, and its type. */
export interface Differentiated {
  readonly argnum: number
  readonly path: Path
  readonly tensor: Tensor
}

/** Cotangents of what a call left, in the form of its arguments (null for a tensor) and of its result. */
export const outputCotangents = (
  { flat, inner, out, values }: Inside,
  argnums: readonly number[],
  cotangents: readonly Tensor[],
): readonly [inputs: readonly unknown[], result: unknown] => {
  const leafOf = perTensor(
    flat.leaves.map((_, i) => i),
    values.shapes,
  )
  const byLeaf = new Map(
    cotangents.flatMap((ct, k): (readonly [number, unknown])[] =>
      values.shapes[leafOf[k]!] === null && isFloat(ct.dtype) ? [[leafOf[k]!, ct]] : [],
    ),
  )
  const inputs = argnums.map((i) => (inner[i] instanceof Tensor ? null : mirror(inner[i], [0, i], flat, byLeaf)))
  return [inputs, mirror(out, [1], flat, byLeaf)]
}

const cotangentAt = (what: string, returned: unknown, { path, tensor }: Differentiated): Tensor | null => {
  const ct = lookUp(returned, path)
  if (ct === null) return null
  const where = path.length === 0 ? what : `${what} at '${formatPath(path)}'`
  if (ct === undefined) throw new StateError(`${where} is missing; return null for no cotangent`)
  const t = toTensor('customVjp', ct as TensorLike)
  if (!sameShape(t.shape, tensor.shape))
    throw new ShapeError(
      `${where} must have the shape of what it belongs to, got ${formatShape(t.shape)} for ${formatShape(tensor.shape)}`,
    )
  if (t.dtype !== tensor.dtype && !t.weak)
    throw new DtypeError(`${where} must have the dtype of what it belongs to, got ${t.dtype} for ${tensor.dtype}`)
  return t.astype(tensor.dtype)
}

/** What bwd returned, one per differentiated tensor. Throws where it does not fit, naming the argument and the path. */
export const returnedCotangents = (
  label: string,
  argnums: readonly number[],
  diff: readonly Differentiated[],
  returned: unknown,
): readonly (Tensor | null)[] => {
  if (!Array.isArray(returned) || returned.length !== argnums.length)
    throw new StateError(
      `${label}: bwd must return an array of one cotangent per argument, ${argnums.length} in all, got ${Array.isArray(returned) ? `an array of ${returned.length}` : typeof returned}`,
    )
  const byArgument = new Map(argnums.map((n, i) => [n, (returned as readonly unknown[])[i]]))
  const what = (argnum: number): string => `${label}: the cotangent that bwd returned for argument ${argnum}`
  for (const [argnum, cotangent] of byArgument)
    checkNoOthers(
      what(argnum),
      cotangent,
      diff.filter((d) => d.argnum === argnum).map((d) => d.path),
    )
  return diff.map((d) => cotangentAt(what(d.argnum), byArgument.get(d.argnum), d))
}
