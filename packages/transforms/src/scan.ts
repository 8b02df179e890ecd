import { type GraphDef, isGraphNode, UpdateContext, Variable } from '@linum/graph'
import { GraphError, moveaxis, scan as pureScan, type Tensor, tree } from '@linum/tensor'
import { checkAxis, traceProgram } from '@linum/tensor/core'
import { type Axis, axesOfArguments, type AxisTree, Carry, checkAliasing, resolveAxis } from './axes.js'
import { liftArguments } from './lift/arguments.js'
import { leafDefinitions } from './lift/leaf-definitions.js'
import { putValues, takeValues, type Values } from './lift/values.js'
import { perArgument, perTensor } from './vmap.js'

export interface ScanOptions {
  /** One entry per argument: Carry, the axis to scan over, null for what every step sees whole, StateAxes for the parts of a module. `[Carry, 0]` by default. */
  readonly inAxes?: AxisTree
  /** The same for the result: Carry alone, or one entry per item of a tuple. `[Carry, 0]` by default. */
  readonly outAxes?: AxisTree
  /** How many steps, where nothing is scanned over. */
  readonly length?: number
  /** From the last step to the first. */
  readonly reverse?: boolean
}

/** The position of Carry among top-level axes, or null. Throws where it is nested or double. */
const carryAt = (what: string, axes: AxisTree): number | 'all' | null => {
  if (axes === Carry) return 'all'
  if (!Array.isArray(axes)) return null
  const list = axes as readonly AxisTree[]
  const nested = list.find((a) => Array.isArray(a) && tree.leaves(a).includes(Carry))
  if (nested !== undefined) throw new GraphError(`scan: Carry must at the top-level, it cannot be nested. Found axes=${String(tree.structure(nested))}`)
  const [first, second] = list.flatMap((a, i) => (a === Carry ? [i] : []))
  if (first !== undefined && second !== undefined) throw new GraphError(`scan: Found multiple Carry definitions at ${what}[${first}] and ${what}[${second}]`)
  return first ?? null
}

const show = (axes: AxisTree): string => (Array.isArray(axes) ? `[${(axes as readonly AxisTree[]).map(show).join(', ')}]` : typeof axes === 'symbol' ? 'Carry' : typeof axes === 'object' && axes !== null ? 'StateAxes' : String(axes))

/** What becomes of each tensor of the arguments from step to step. */
type Role = 'carry' | 'scanned' | 'fixed'

/** The body's results: per tensor of [arguments, result] after a step. */
interface Step {
  readonly pair: GraphDef<readonly [unknown, unknown]>
  readonly shapes: Values['shapes']
  readonly tensors: readonly Tensor[]
  /** Per tensor: where it goes. */
  readonly axes: readonly Axis[]
  /** Per tensor: the tensor of the arguments that it is the next value of, or null for a new result. */
  readonly origin: readonly (number | null)[]
}

const toFront = (x: Tensor, axis: number): Tensor => moveaxis(x, checkAxis('scan', axis, x.ndim), 0)

/**
 * A loop over steps for functions of modules: what is marked Carry is handed from step to step, other arguments give
 * one slice per step along their axis, and what has axis null is seen whole by all. Changes to a module with axis null
 * are carried from step to step, never dropped. Traced, it costs one body.
 */
export const scan =
  <A extends readonly unknown[], R>(f: (...args: A) => R, options: ScanOptions = {}): ((...args: A) => R) =>
  (...args) => {
    const label = `scan(${f.name || 'anonymous'})`
    const given = liftArguments(args, () => true)
    const { inAxes: rawIn = [Carry, 0], outAxes = [Carry, 0] } = options
    const [carryIn, carryOut] = [carryAt('inAxes', rawIn), carryAt('outAxes', outAxes)]
    if ((carryIn === null) !== (carryOut === null)) throw new GraphError(`scan: If one of inAxes or outAxes has Carry, the other must also have Carry. Got inAxes=${show(rawIn)}, outAxes=${show(outAxes)}`)
    if (carryIn === 'all' && given.length !== 1) throw new GraphError(`scan: When inAxes=Carry, the function must take exactly one argument, got ${given.length} arguments.`)
    if (outAxes === null || (Array.isArray(outAxes) && (outAxes as readonly AxisTree[]).includes(null))) {
      throw new GraphError(`scan: Cannot broadcast output state. Got outAxes=null at: outAxes${Array.isArray(outAxes) ? `[${(outAxes as readonly AxisTree[]).indexOf(null)}]` : ''}; give an axis`)
    }
    const inAxes = perArgument(rawIn, given.length)
    if (inAxes.length !== given.length) throw new TypeError(`${label}: inAxes must give one axis per argument, got ${inAxes.length} for ${given.length}`)
    checkAliasing(label, inAxes, given)
    const outer = new UpdateContext().outerSplit().flatten(given)
    const axes = axesOfArguments(label, inAxes, given, outer)
    const values = takeValues(outer.leaves)
    const tensorAxes = perTensor(axes, values.shapes)
    const definitions = leafDefinitions(outer.graphdef)
    const tensorLeaf = perTensor(outer.leaves.map((_, i) => i) as unknown as Axis[], values.shapes) as unknown as readonly number[]
    const firstTensor = new Map<number, number>()
    tensorLeaf.forEach((leaf, t) => !firstTensor.has(leaf) && firstTensor.set(leaf, t))
    const leafOfIndex = new Map(definitions.flatMap((d, i) => (d === null ? [] : [[d.index, i] as const])))

    const slices = values.tensors.map((t, i) => (typeof tensorAxes[i] === 'number' ? toFront(t, tensorAxes[i]) : t))
    const entryAvals = slices.map((t, i) => ({ shape: typeof tensorAxes[i] === 'number' ? t.shape.slice(1) : t.shape, dtype: t.dtype, weak: false }))

    /** One step on tensors of the arguments; a fresh context, because a step may be traced twice. */
    const step = (entries: readonly Tensor[]): { readonly result: Step; readonly context: UpdateContext } => {
      const context = new UpdateContext()
      context.outerSplit().flatten(given)
      const inner = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, entries))
      const out = f(...(inner as unknown as A))
      if (out instanceof Promise) return out as never
      const carried = carryIn === null ? undefined : inner[carryIn === 'all' ? 0 : carryIn]
      const nextCarry = carryOut === 'all' ? out : carryOut === null ? undefined : (out as readonly unknown[])[carryOut]
      if (isGraphNode(carried) && nextCarry !== carried) throw new GraphError(`${label}: Carry references must be the same between iterations. Got another object as the carry; return the one that came in`)
      const flat = context.innerSplit().flatten([inner, out] as const)
      const after = takeValues(flat.leaves)
      const found = leafDefinitions(flat.graphdef)
      const perLeaf = flat.leaves.map((leaf, i): { readonly axis: Axis; readonly origin: number | null } => {
        const outerIndex = found[i]?.outerIndex ?? null
        const known = outerIndex === null ? undefined : leafOfIndex.get(outerIndex)
        if (known !== undefined) return { axis: axes[known]!, origin: known }
        const [side, ...path] = flat.graphdef.paths[i]!
        if (side === 0) {
          const before = outer.graphdef.paths.findIndex((p) => p.length === path.length && p.every((k, d) => k === path[d]))
          const axis = before >= 0 ? axes[before]! : resolveAxis(label, inAxes[path[0] as number], inner[path[0] as number], path.slice(1), leaf)
          if (before < 0 && axis === Carry) throw new GraphError(`${label}: the carry changed its structure, '${path.slice(1).join('/')}' is new; add it before the loop`)
          // What a step adds to a module is stacked in front.
          return { axis: before >= 0 ? axis : typeof axis === 'number' ? 0 : axis, origin: before >= 0 ? before : null }
        }
        return { axis: resolveAxis(label, outAxes, out, path, leaf), origin: null }
      })
      return {
        context,
        result: {
          pair: flat.graphdef,
          shapes: after.shapes,
          tensors: after.tensors,
          axes: perTensor(perLeaf.map((l) => l.axis), after.shapes),
          origin: perTensor(perLeaf.map((l) => (l.origin === null ? -1 : firstTensor.get(l.origin)!)) as Axis[], after.shapes).map((o) => (o === -1 ? null : (o as number))),
        },
      }
    }

    /** The carry's plain tensors follow from the returned carry; Variables follow from the arguments. */
    const carryTensors = tensorAxes.flatMap((axis, t) => (axis === Carry && !(outer.leaves[tensorLeaf[t]!] instanceof Variable) ? [t] : []))

    // A first look at the body: which values that all steps share does it change?
    const changed = new Set<number>()
    traceProgram(label, entryAvals, (entries) => {
      const { result } = step(entries)
      result.origin.forEach((o, i) => o !== null && tensorAxes[o] === null && result.tensors[i] !== entries[o] && changed.add(o))
      return []
    })
    const roles = tensorAxes.map((axis, t): Role => (axis === Carry || changed.has(t) ? 'carry' : axis === null ? 'fixed' : 'scanned'))
    const withRole = <T>(xs: readonly T[], role: Role): T[] => xs.filter((_, i) => roles[i] === role)

    let last: { readonly result: Step; readonly context: UpdateContext } | undefined
    let sources: readonly ({ readonly from: 'carry' | 'stack' | 'argument'; readonly at: number })[] = []
    const [finalCarry, stacked] = pureScan(
      (carry: readonly Tensor[], scanned: readonly Tensor[]): readonly [readonly Tensor[], readonly Tensor[]] => {
        let [c, s] = [0, 0]
        const entries = roles.map((role, t) => (role === 'carry' ? carry[c++]! : role === 'scanned' ? scanned[s++]! : values.tensors[t]!))
        last = step(entries)
        const { result } = last
        const next = new Map<number, Tensor>()
        const stack: Tensor[] = []
        const returned = result.tensors.flatMap((_, i) => (result.origin[i] === null && result.axes[i] === Carry ? [i] : []))
        if (returned.length !== carryTensors.length) throw new GraphError(`${label}: the returned carry must have the structure of the carry argument, got ${returned.length} tensors for ${carryTensors.length}`)
        returned.forEach((i, k) => next.set(carryTensors[k]!, result.tensors[i]!))
        sources = result.tensors.map((t, i) => {
          const o = result.origin[i]!
          if (result.origin[i] === null && result.axes[i] === Carry) return { from: 'carry' as const, at: carryTensors[returned.indexOf(i)]! }
          if (result.origin[i] !== null && roles[o] === 'fixed') return { from: 'argument' as const, at: o }
          if (result.origin[i] !== null && roles[o] === 'carry') {
            if (!next.has(o)) next.set(o, t)
            return { from: 'carry' as const, at: o }
          }
          return { from: 'stack' as const, at: stack.push(t) - 1 }
        })
        return [roles.flatMap((role, t) => (role === 'carry' ? [next.get(t) ?? entries[t]!] : [])), stack]
      },
      withRole(values.tensors, 'carry') as readonly Tensor[],
      withRole(slices, 'scanned') as readonly Tensor[],
      { ...(options.length === undefined ? {} : { length: options.length }), ...(options.reverse === undefined ? {} : { reverse: options.reverse }) },
    )
    const { result, context } = last!
    const carryOrder = roles.flatMap((role, t) => (role === 'carry' ? [t] : []))
    const tensors = sources.map((source, i) => {
      if (source.from === 'argument') return values.tensors[source.at]!
      if (source.from === 'carry') return finalCarry[carryOrder.indexOf(source.at)]!
      const axis = result.axes[i]
      const whole = stacked[source.at]!
      return typeof axis === 'number' && axis !== 0 ? moveaxis(whole, 0, axis) : whole
    })
    const [, out] = context.outerMerge().unflatten(result.pair, putValues(result.shapes, tensors))
    return out as R
  }

