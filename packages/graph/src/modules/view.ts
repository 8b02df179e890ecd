import { type Filter, toPredicate } from '@linum/filters'
import { GraphError } from '@linum/tensor'
import { clone } from '../functional/merge.js'
import { setOwn } from '../keys.js'
import { kindOf } from '../kinds.js'
import { type Attributes, setAttributes } from '../modes.js'
import { iterModules } from '../traverse/iterate.js'

export interface ViewOptions {
  /** Which Modules. All by default. */
  readonly only?: Filter
  /** False: an attribute that no Module has is no error. */
  readonly raiseIfNotFound?: boolean
}

/** What a class may define to say itself what a view of it is. */
interface Viewable {
  /** Takes what it knows of the attributes, and returns their names. */
  setView?(attributes: Attributes): Iterable<string>
}

/** What a class may say of the attributes that its views take. */
interface Described {
  /** Descriptions by name. */
  readonly viewOptions?: Readonly<Record<string, string>>
}

const isStatic = (module: object, name: string): boolean =>
  Object.hasOwn(module, name) && kindOf((module as Readonly<Record<string, unknown>>)[name]).role === 'static'

const setStatics = (module: object, attributes: Attributes): readonly string[] => {
  const names = Object.keys(attributes).filter((name) => isStatic(module, name))
  for (const name of names) setOwn(module, name, attributes[name])
  return names
}

/**
 * A copy of a graph of new Modules with the same Variables and other static attributes, such as
 * `view(model, { deterministic: true, useRunningAverage: true })`: what either learns, both know. A class may define
 * `setView(attributes)`, which returns the names that it took, to do more than assign. Throws GraphError for an
 * attribute that no Module takes.
 */
export const view = <M>(
  node: M,
  attributes: Attributes,
  { only = true, raiseIfNotFound = true }: ViewOptions = {},
): M => {
  const selects = toPredicate(only)
  const copy = clone(node, { variables: false })
  const unused = new Set(Object.keys(attributes))
  for (const [path, module] of iterModules(copy)) {
    if (!selects(path, module)) continue
    const { setView } = module as Viewable
    const used = typeof setView === 'function' ? setView.call(module, attributes) : setStatics(module, attributes)
    for (const name of used) unused.delete(name)
  }
  if (raiseIfNotFound && unused.size > 0)
    throw new GraphError(
      `Unused keys found in view: [${[...unused]
        .sort()
        .map((name) => `'${name}'`)
        .join(', ')}]`,
    )
  return copy
}

/** As `view`, for any attributes that the Modules have. Throws GraphError for one that none of them has. */
export const withAttributes = <M>(
  node: M,
  attributes: Attributes,
  { only = true, raiseIfNotFound = true }: ViewOptions = {},
): M => {
  const copy = clone(node, { variables: false })
  setAttributes(copy as object, attributes, [only], raiseIfNotFound)
  return copy
}

const modes = ['decode', 'deterministic', 'useRunningAverage']

/** What a view of the Module may set: as its class says, else its flags and modes. */
const optionsOf = (module: object): readonly (readonly [string, string])[] => {
  const described = (module.constructor as Described).viewOptions
  if (described !== undefined) return Object.entries(described)
  return Object.entries(module)
    .filter(([name, value]) => typeof value === 'boolean' || (value === null && modes.includes(name)))
    .map(([name, value]) => [name, `boolean = ${String(value)}`])
}

/**
 * What `view` takes for the Modules of a graph, class by class: what a class's static `viewOptions` (descriptions by
 * name) says, else the attributes that are true, false or a mode without a value.
 */
export const viewInfo = (node: unknown, { only = true }: Pick<ViewOptions, 'only'> = {}): string => {
  const selects = toPredicate(only)
  const classes = new Map<string, readonly (readonly [string, string])[]>()
  for (const [path, module] of iterModules(node)) {
    const options = selects(path, module) ? optionsOf(module) : []
    if (options.length > 0) classes.set(module.constructor.name, options)
  }
  return [...classes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, options]) => [`${name}:`, ...options.map(([option, text]) => `  ${option}: ${text}`)].join('\n'))
    .join('\n')
}
