import { type Tensor, tree } from '@linum/tensor'
import { axisTrace, bind1, checkAxis } from '@linum/tensor/core'
import { leafTensor } from './vjp.js'

/** A name that vmap gave an axis, or several. */
export type AxisName = string | readonly string[]

const namesOf = (fn: string, axisName: AxisName): readonly string[] => {
  const names = typeof axisName === 'string' ? [axisName] : axisName
  names.forEach((name, i) => {
    axisTrace(fn, name)
    if (names.indexOf(name) !== i) throw new TypeError(`${fn}: axis name '${name}' is repeated`)
  })
  return names
}

/** The extent of a named axis, or the product of several, as a number. Throws TraceError for a name that is not bound. */
export const axisSize = (axisName: AxisName): number =>
  namesOf('axisSize', axisName).reduce((n, name) => n * axisTrace('axisSize', name).axis.size, 1)

/**
 * The number of this entry along a named axis, a scalar of int32; along several, row-major with the first outermost.
 * Throws TraceError for a name that is not bound.
 */
export const axisIndex = (axisName: AxisName): Tensor =>
  namesOf('axisIndex', axisName)
    .map((name) => bind1('axis_index', [], { name }))
    .reduce((outer, inner, i) => {
      const name = typeof axisName === 'string' ? axisName : axisName[i]!
      return outer.mul(axisSize(name)).add(inner)
    })

const mapTensors = <T>(fn: string, x: T, f: (t: Tensor) => Tensor): T => {
  const [leaves, def] = tree.flatten(x)
  return tree.unflatten(
    def,
    leaves.map((leaf, i) => {
      const t = leafTensor(leaf)
      if (t !== null) return f(t)
      const path = tree.keystr(tree.leavesWithPath(x)[i]![0])
      throw new TypeError(
        `${fn}: expected tensors, got ${typeof leaf}${path === '' ? '' : ` at ${path}`}; leave out what is none`,
      )
    }),
  ) as T
}

const reduction =
  (fn: string, primitive: 'psum' | 'pmax' | 'pmin'): (<T>(x: T, axisName: AxisName) => T) =>
  (x, axisName) => {
    const names = namesOf(fn, axisName)
    return names.length === 0 ? x : mapTensors(fn, x, (t) => bind1(primitive, [t], { names }))
  }

const sumOf = reduction('psum', 'psum')

/**
 * The sum over all entries of a named axis, or several, of each tensor of a tree; a value that all entries share counts
 * once per entry, so the psum of a number is that number times the size. Throws TraceError for a name that is not bound.
 */
export const psum = <T>(x: T, axisName: AxisName): T =>
  typeof x === 'number' ? ((x * axisSize(axisName)) as T) : sumOf(x, axisName)

/** The mean over all entries of a named axis, or several. */
export const pmean = <T>(x: T, axisName: AxisName): T => {
  namesOf('pmean', axisName)
  const size = axisSize(axisName)
  return typeof x === 'number' ? x : mapTensors('pmean', psum(x, axisName), (t) => t.div(size))
}

/** The greatest over all entries of a named axis, or several. Its derivative goes in equal shares to the entries that attain it. */
export const pmax: <T>(x: T, axisName: AxisName) => T = reduction('pmax', 'pmax')

/** The least over all entries of a named axis, or several. */
export const pmin: <T>(x: T, axisName: AxisName) => T = reduction('pmin', 'pmin')

export interface AllGatherOptions {
  /** Where the entries go: a new axis, or with `tiled` an axis that there is. 0 by default. */
  readonly axis?: number
  /** Put the entries one behind the other along `axis` instead of along a new one. */
  readonly tiled?: boolean
}

/** The values of all entries of a named axis, for every entry. Throws TraceError for a name that is not bound. */
export const allGather = <T>(x: T, axisName: string, options: AllGatherOptions = {}): T => {
  const { size } = axisTrace('allGather', axisName).axis
  return mapTensors('allGather', x, (t) => {
    const tiled = options.tiled === true
    const dimension = checkAxis('allGather', options.axis ?? 0, tiled ? t.ndim : t.ndim + 1)
    const all = bind1('all_gather', [t], { name: axisName, size, dimension })
    return tiled ? all.reshape(t.shape.map((n, i) => (i === dimension ? n * size : n))) : all
  })
}
