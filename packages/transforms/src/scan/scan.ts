import { GraphError, moveaxis, scan as pureScan, type Tensor } from '@linum/tensor'
import { traceProgram } from '@linum/tensor/core'
import { Carry } from '../axes.js'
import { tellAs } from '../jit/tell-as.js'
import { checkTypes, tensorPaths } from '../lift/check-types.js'
import { remember } from '../lift/remember.js'
import { putValues } from '../lift/values.js'
import { checkScannable, type Plan, planScan } from './plan.js'
import type { ScanArguments, ScanInAxes, ScanOptions, ScanOutAxes } from './scan-axes.js'
import { runStep, type Step } from './step.js'

/** What becomes of each tensor of the arguments from step to step. */
type Role = 'carry' | 'scanned' | 'fixed'

/** Where a tensor of [arguments, result] comes from after the loop. */
interface Source {
  readonly from: Role
  readonly at: number
}

type Body = (...args: never[]) => unknown

/** Values that all steps share are carried where the body writes them, which a first look at it tells. */
const rolesOf = (plan: Plan, f: Body): readonly Role[] => {
  const { label, tensorAxes, slices } = plan
  const written = new Set<number>()
  if (tensorAxes.includes(null)) {
    const entries = slices.map(({ shape, dtype }, i) => ({
      shape: typeof tensorAxes[i] === 'number' ? shape.slice(1) : shape,
      dtype,
      weak: false,
    }))
    traceProgram(label, entries, (tracers) => {
      const step = runStep(plan, f, tracers)
      // The tracer turns a promise away.
      if (step instanceof Promise) return step as never
      step.origin.forEach((o, i) => {
        if (o !== null && tensorAxes[o] === null && step.tensors[i] !== tracers[o]) written.add(o)
      })
      return []
    })
  }
  return tensorAxes.map((axis, t) => (axis === Carry || written.has(t) ? 'carry' : axis === null ? 'fixed' : 'scanned'))
}

/** Sorts the tensors that a step leaves into the next carry and the values to stack. */
const route = (
  { label, returned }: Plan,
  roles: readonly Role[],
  { tensors, origin, axes }: Step,
): {
  readonly next: ReadonlyMap<number, Tensor>
  readonly stack: readonly Tensor[]
  readonly sources: readonly Source[]
} => {
  const next = new Map<number, Tensor>()
  const stack: Tensor[] = []
  const results = tensors.flatMap((_, i) => (origin[i] === null && axes[i] === Carry ? [i] : []))
  if (results.length !== returned.length)
    throw new GraphError(
      `${label}: the returned carry must have the structure of the carry argument, got ${results.length} tensors for ${returned.length}`,
    )
  results.forEach((i, k) => next.set(returned[k]!, tensors[i]!))
  const sources = tensors.map((t, i): Source => {
    const o = origin[i] ?? null
    if (o === null && axes[i] === Carry) return { from: 'carry', at: returned[results.indexOf(i)]! }
    if (o === null || roles[o] === 'scanned') return { from: 'scanned', at: stack.push(t) - 1 }
    if (roles[o] === 'carry' && !next.has(o)) next.set(o, t)
    return { from: roles[o]!, at: o }
  })
  return { next, stack, sources }
}

type Options = ScanOptions<ScanInAxes, ScanOutAxes>

const runScan = (label: string, f: Body, options: Options, args: readonly unknown[]): unknown => {
  const { inAxes = [Carry, 0], outAxes = [Carry, 0], transformMetadata, ...loop } = options
  const plan = planScan(label, args, inAxes, outAxes, transformMetadata)
  const { tensors: start } = plan.values
  const roles = rolesOf(plan, f)
  const withRole = (role: Role): readonly number[] => roles.flatMap((r, t) => (r === role ? [t] : []))
  const [carry, scanned] = [withRole('carry'), withRole('scanned')]
  const paths = tensorPaths(plan.outer.graphdef.paths, plan.values.shapes)
  let last: { readonly step: Step; readonly sources: readonly Source[] } | undefined
  const [end, stacked] = pureScan(
    (carried: readonly Tensor[], slice: readonly Tensor[]): readonly [readonly Tensor[], readonly Tensor[]] => {
      const entries = [...start]
      carry.forEach((t, i) => (entries[t] = carried[i]!))
      scanned.forEach((t, i) => (entries[t] = slice[i]!))
      const step = runStep(plan, f, entries)
      if (step instanceof Promise) return step as never
      const { next, stack, sources } = route(plan, roles, step)
      last = { step, sources }
      const carriedOn = carry.map((t) => next.get(t) ?? entries[t]!)
      checkTypes(
        (got, want, path) => `scan: the carry must keep its types, got ${got} for ${want} at '${path}'`,
        carry.map((t) => start[t]!.aval),
        carriedOn,
        carry.map((t) => paths[t]!),
      )
      return [carriedOn, stack]
    },
    carry.map((t) => start[t]!),
    scanned.map((t) => plan.slices[t]!),
    loop,
  )
  const { step, sources } = last!
  const tensors = sources.map(({ from, at }, i) => {
    if (from === 'fixed') return start[at]!
    if (from === 'carry') return end[carry.indexOf(at)]!
    const axis = step.axes[i]
    return typeof axis === 'number' && axis !== 0 ? moveaxis(stacked[at]!, 0, axis) : stacked[at]!
  })
  const [, out] = plan.context.outerMerge().unflatten(step.pair, putValues(step.shapes, tensors))
  return out
}

/**
 * A loop over steps for functions of modules: what is marked Carry is handed from step to step, other arguments give
 * one slice per step along their axis, and what has axis null is seen whole by all. Changes to a module with axis null
 * are carried from step to step, never dropped. Traced, it costs one body; outside other transforms what was traced is
 * kept for the next call, unless the function captures Variables or arrays. `traceCount` tells how often that was.
 */
export const scan = <
  A extends readonly unknown[],
  R,
  const In extends ScanInAxes = readonly [typeof Carry, 0],
  const Out extends ScanOutAxes = readonly [typeof Carry, 0],
>(
  f: (...args: A) => R,
  ...[options = {}]: ScanArguments<A, R, In, Out>
): ((...args: A) => R) => {
  const label = `scan(${f.name || 'anonymous'})`
  const loop = remember(label, (...args: A): R => runScan(label, f as Body, options as Options, args) as R)
  const call = (...args: A): R => {
    checkScannable(options.inAxes ?? [Carry, 0], args)
    return loop(...args)
  }
  return tellAs(call, loop)
}
