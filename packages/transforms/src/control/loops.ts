import { formatPath, type Path } from '@linum/filters'
import { type GraphDef, UpdateContext } from '@linum/graph'
import { foriLoop as pureFor, GraphError, type Tensor, type TensorLike, whileLoop as pureWhile } from '@linum/tensor'
import { liftArguments } from '../lift/arguments.js'
import { differences } from '../lift/differences.js'
import { rememberBy } from '../lift/remember.js'
import { type Extracted, extract } from '../lift/sandwich.js'
import { putValues, sameShapes, takeValues, typesOf, type Values } from '../lift/values.js'
import { checkTypes, tensorPaths } from '../lift/check-types.js'

/** A path of [value] in the words of the caller. */
const showPath = (path: Path): string => formatPath(path.slice(1)) || 'the value'

/** What the body left of the carried value. */
interface Step {
  readonly graphdef: GraphDef<readonly [unknown]>
  readonly shapes: Values['shapes']
  readonly tensors: readonly Tensor[]
}

/** The value in front of the body, inside the loop. */
const enter = ({ outer, values }: Extracted, tensors: readonly Tensor[]) => {
  const context = new UpdateContext()
  const [value] = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, tensors))
  // As it must be again after the body, with every object known by its number.
  const before = context.innerSplit().flatten([value])
  return { context, value, before }
}

const runBody = (
  fn: string,
  carried: Extracted,
  body: (value: unknown) => unknown,
  tensors: readonly Tensor[],
): Step => {
  const { context, value, before } = enter(carried, tensors)
  const returned = body(value)
  if (returned instanceof Promise) return returned as never
  const [out] = liftArguments(fn, [returned])
  const flat = context.innerSplit().flatten([out] as const)
  if (!flat.graphdef.equals(before.graphdef))
    throw new GraphError(
      `${fn} requires body function's input and output to have the same reference and pytree structure, but they differ:\n${differences(before.graphdef, flat.graphdef, ['before', 'after'], showPath)}\nReturn the objects that came in, and change the structure before the loop or after it`,
    )
  const after = takeValues(flat.leaves)
  if (!sameShapes(after.shapes, carried.values.shapes))
    throw new GraphError(`${fn}: a value that is no tensor must stay from step to step; use a tensor`)
  checkTypes(
    (got, want, path) => `${fn}: the carry must keep its types, got ${got} for ${want} at '${path}'`,
    typesOf(carried.values).avals,
    after.tensors,
    tensorPaths(flat.graphdef.paths, after.shapes),
    showPath,
  )
  return { graphdef: flat.graphdef, shapes: after.shapes, tensors: after.tensors }
}

/** The test sees the value and may not write it: nothing would carry that on. */
const runTest = (
  fn: string,
  carried: Extracted,
  test: (value: unknown) => TensorLike,
  tensors: readonly Tensor[],
): TensorLike => {
  const { context, value, before } = enter(carried, tensors)
  const out = test(value)
  if ((out as unknown) instanceof Promise) return out
  const flat = context.innerSplit().flatten([value])
  const changed = differences(before.graphdef, flat.graphdef, ['before', 'after'], showPath)
  const written = takeValues(flat.leaves).tensors.findIndex((t, i) => t !== tensors[i])
  if (changed !== '' || written >= 0) {
    const what =
      changed === ''
        ? `it wrote '${showPath(tensorPaths(flat.graphdef.paths, carried.values.shapes)[written]!)}'`
        : `\n${changed}\n`
    throw new GraphError(`${fn}: the test must not change the value, but ${what}; do that in the body`)
  }
  return out
}

const leave = ({ context }: Extracted, { graphdef, shapes }: Step, tensors: readonly Tensor[]): unknown =>
  context.outerMerge().unflatten(graphdef, putValues(shapes, tensors))[0]

const whileDirect =
  (test: (value: unknown) => TensorLike, body: (value: unknown) => unknown) =>
  (init: unknown): unknown => {
    const carried = extract('whileLoop', [init])
    let last: Step | undefined
    const tensors = pureWhile<readonly Tensor[]>(
      (now) => runTest('whileLoop', carried, test, now),
      (now) => {
        last = runBody('whileLoop', carried, body, now)
        return (last as unknown) instanceof Promise ? (last as never) : last.tensors
      },
      carried.values.tensors,
    )
    return leave(carried, last!, tensors)
  }

/**
 * Repeats `body` on a value that may hold modules while `test` of it holds. The body returns the value with the same
 * objects in it, whose Variables carry on; it may not replace an object, nor change attributes or static values, and the
 * test may write nothing. Throws GraphError with the paths that differ.
 */
export const whileLoop = <C>(test: (value: C) => TensorLike, body: (value: C) => C, init: C): C =>
  rememberBy(
    'whileLoop',
    [test, body],
    whileDirect(test as (value: unknown) => TensorLike, body as (value: unknown) => unknown),
  )(init) as C

const forDirect =
  (body: (i: Tensor, value: unknown) => unknown) =>
  (lo: TensorLike, hi: TensorLike, init: unknown): unknown => {
    const carried = extract('foriLoop', [init])
    let last: Step | undefined
    const tensors = pureFor<readonly Tensor[]>(
      lo,
      hi,
      (i, now) => {
        last = runBody('foriLoop', carried, (value) => body(i, value), now)
        return (last as unknown) instanceof Promise ? (last as never) : last.tensors
      },
      carried.values.tensors,
    )
    return leave(carried, last!, tensors)
  }

/**
 * `body(i, value)` for i from `lo` to before `hi`, on a value that may hold modules, under the rules of `whileLoop`.
 * With numbers for both bounds it has all derivatives.
 */
export const foriLoop = <C>(lo: TensorLike, hi: TensorLike, body: (i: Tensor, value: C) => C, init: C): C => {
  const direct = forDirect(body as (i: Tensor, value: unknown) => unknown)
  // Numbers are part of what is traced; tensors are not.
  if (typeof lo !== 'number' || typeof hi !== 'number') return direct(lo, hi, init) as C
  return rememberBy('foriLoop', [body as never], direct, { staticArgnums: [0, 1] })(lo, hi, init) as C
}
