import type { Path } from '@linum/filters'
import { describeValue } from '../class-name.js'
import { isModule } from '../kinds.js'
import { Module } from '../module.js'
import { flatState, fromFlatState } from '../state/flat-state.js'
import type { State, StateLeaf } from '../state/state.js'
import { iterModules } from '../traverse/iterate.js'
import { makeVariable, type Variable, type VariableClass } from '../variable/variable.js'
import { VariableState } from '../variable/variable-state.js'
import { type Captures, capturesKey, capturesOf, sow } from './sow.js'

export interface CaptureOptions {
  /** Values to begin with, such as the perturbations of an earlier call, which `perturb` adds. */
  readonly init?: object
  /** Notes the result of every method of the Modules' own classes, under the method's name, in this type. */
  readonly methodOutputs?: VariableClass
}

/** A result with one State per type; the result alone for no types. */
export type Captured<R, T extends readonly unknown[]> = T extends readonly []
  ? R
  : readonly [out: R, ...states: { -readonly [K in keyof T]: State }]

type Callable<A extends readonly unknown[], R> = ((...args: A) => R) | (Module & { forward(...args: A): R })

/** Takes back what was done to a class or a Module. */
type Undo = () => void

/** The values of `init` by the path of their Module. */
const initialValues = (init: object): ReadonlyMap<string, readonly (readonly [string, VariableState<unknown>])[]> => {
  const found = new Map<string, (readonly [string, VariableState<unknown>])[]>()
  for (const [path, leaf] of flatState<unknown>(init)) {
    if (!(leaf instanceof VariableState))
      throw new TypeError(
        `capture: init holds snapshots of Variables, got ${describeValue(leaf)}; pass a State that capture returned`,
      )
    const module = JSON.stringify(path.slice(0, -1))
    const list = found.get(module) ?? []
    list.push([String(path.at(-1)), leaf])
    found.set(module, list)
  }
  return found
}

const newCaptures = (
  types: readonly VariableClass[],
  outputs: VariableClass | null,
  given: readonly (readonly [string, VariableState<unknown>])[],
): Captures => {
  const all = [...new Set([...types, ...given.map(([, leaf]) => leaf.type)])]
  const values = all.map((): Record<string, Variable<unknown>> => ({}))
  for (const [name, leaf] of given)
    values[all.indexOf(leaf.type)]![name] = makeVariable(leaf.type, leaf.value, leaf.metadata)
  return { types: all, values, outputs }
}

const attach = (module: object, captures: Captures | undefined): void => {
  if (captures === undefined) delete (module as { [capturesKey]?: Captures })[capturesKey]
  else (module as { [capturesKey]?: Captures })[capturesKey] = captures
}

/** Makes the methods of a class note their results where they are asked to. */
const noteOutputs = (prototype: object): Undo => {
  const originals = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
    ([name, { value }]) => typeof value === 'function' && name !== 'constructor' && !name.startsWith('_'),
  )
  for (const [name, descriptor] of originals) {
    const method = descriptor.value as (...args: readonly unknown[]) => unknown
    const noting = function (this: object, ...args: readonly unknown[]): unknown {
      const out = Reflect.apply(method, this, args)
      const outputs = capturesOf(this)?.outputs
      if (outputs != null && out !== undefined) sow(this, outputs, name, out)
      return out
    }
    Object.defineProperty(prototype, name, { ...descriptor, value: noting })
  }
  return () => {
    for (const [name, descriptor] of originals) Object.defineProperty(prototype, name, descriptor)
  }
}

/** What the Modules have noted of one type, by path. */
const collect = (root: unknown, type: VariableClass): State => {
  const found: (readonly [Path, StateLeaf])[] = []
  for (const [path, module] of iterModules(root)) {
    const captures = capturesOf(module)
    const values = captures?.values[captures.types.indexOf(type)] ?? {}
    for (const [name, variable] of Object.entries(values)) found.push([[...path, name], variable.toState()])
  }
  return fromFlatState(found)
}

const run = (
  root: unknown,
  types: readonly VariableClass[],
  { init, methodOutputs }: CaptureOptions,
  f: () => unknown,
): unknown => {
  const given = init === undefined ? new Map<string, never>() : initialValues(init)
  const modules = [...iterModules(root)]
  const undo: Undo[] = []
  try {
    for (const [path, module] of modules) {
      const before = capturesOf(module)
      undo.push(() => attach(module, before))
      attach(module, newCaptures(types, methodOutputs ?? null, given.get(JSON.stringify(path)) ?? []))
    }
    if (methodOutputs !== undefined)
      for (const prototype of new Set(modules.map(([, module]) => Object.getPrototypeOf(module) as object)))
        if (prototype !== Module.prototype) undo.push(noteOutputs(prototype))
    const out = f()
    return types.length === 0 ? out : [out, ...types.map((type) => collect(root, type))]
  } finally {
    for (const [, module] of iterModules(root)) if (capturesOf(module) !== undefined) attach(module, undefined)
    for (const back of undo) back()
  }
}

/**
 * A function that also returns what the Modules of its first argument `sow` and `perturb` during the call: one State
 * per type, and no attribute stays behind. For a Module its `forward` is called. With options the types come as an
 * array. Values of other types are not kept. Throws TypeError where the first argument is no graph with Modules.
 */
export function capture<A extends readonly unknown[], R, const T extends readonly VariableClass[]>(
  f: Callable<A, R>,
  types: T,
  options?: CaptureOptions,
): (...args: A) => Captured<R, T>
export function capture<A extends readonly unknown[], R, const T extends readonly VariableClass[]>(
  f: Callable<A, R>,
  ...types: T
): (...args: A) => Captured<R, T>
export function capture(
  f: Callable<readonly unknown[], unknown>,
  first?: VariableClass | readonly VariableClass[],
  second?: VariableClass | CaptureOptions,
  ...others: readonly VariableClass[]
): (...args: readonly unknown[]) => unknown {
  const asArray = Array.isArray(first)
  const types = asArray
    ? (first as readonly VariableClass[])
    : ([first, second, ...others].filter((type) => type !== undefined) as VariableClass[])
  const options = asArray ? ((second ?? {}) as CaptureOptions) : {}
  const { methodOutputs } = options
  if (methodOutputs !== undefined && !types.includes(methodOutputs))
    throw new TypeError(
      `capture: methodOutputs must be one of the types, got ${methodOutputs.name}; add it to [${types.map((t) => t.name).join(', ')}]`,
    )
  return (...args) => {
    const own = isModule(f)
    const root: unknown = own ? f : args[0]
    if (typeof root !== 'object' || root === null || iterModules(root).next().done === true)
      throw new TypeError(
        `capture: expected a Module as the first argument, got ${describeValue(root)}; pass the model to the function`,
      )
    return run(root, types, options, () =>
      own
        ? (f as { forward(...args: readonly unknown[]): unknown }).forward(...args)
        : (f as (...args: readonly unknown[]) => unknown)(...args),
    )
  }
}
