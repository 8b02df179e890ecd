import { FilterError } from './error.js'
import { concatAll, getMonoidAny } from './fp.js'
import type { Path } from './path.js'

/** Selects leaves by where they are and what they are. */
export type FilterFn = (path: Path, value: unknown) => boolean

/** A class written with `class`, or built in; abstract ones too. */
export type AnyClass = abstract new (...args: never[]) => unknown

/** Everything that no earlier filter took. Only the last filters may be `rest`. `true` is an alias. */
export const rest: unique symbol = Symbol.for('linum.rest')

/**
 * What selects: a class (instances, and leaves whose `type` is it or extends it), a string (leaves with that tag), a
 * predicate, `rest` or `true` (everything), `null` or `false` (nothing), an array (any of).
 */
export type Filter = AnyClass | FilterFn | string | boolean | null | typeof rest | readonly Filter[]

/** Marks the prototype of every Variable class, so that filters can tell one without importing it. */
export const variableBrand: unique symbol = Symbol.for('linum.variable')

/**
 * Whether a function is a class rather than a predicate: it carries the brand of Variables on its prototype, or its
 * `prototype` property is read-only, which holds for everything written with `class` and for built-in constructors
 * and never for arrows (which have none) or `function` declarations. For a constructor function in the style before
 * `class`, say `OfType(f)`.
 */
export const isClass = (f: unknown): f is AnyClass => {
  if (typeof f !== 'function') return false
  const descriptor = Object.getOwnPropertyDescriptor(f, 'prototype')
  if (descriptor === undefined) return false
  const prototype: unknown = descriptor.value
  return (
    descriptor.writable === false || (typeof prototype === 'object' && prototype !== null && variableBrand in prototype)
  )
}

/** One leaf under test: fp-ts predicates take one argument. */
export interface Site {
  readonly path: Path
  readonly value: unknown
}

/** A filter function as a predicate of one argument. */
export const onSite =
  (f: FilterFn): ((site: Site) => boolean) =>
  (site) =>
    f(site.path, site.value)

/** The way back. `text` is what messages print for it. */
export const named = (f: FilterFn, text: string): FilterFn =>
  Object.defineProperties(f, {
    name: { value: text, configurable: true },
    toString: { value: () => text, configurable: true },
  })

const isObject = (x: unknown): x is object => (typeof x === 'object' && x !== null) || typeof x === 'function'

const isOrExtends = (type: unknown, c: { readonly prototype: object }): boolean =>
  type === c ||
  (typeof type === 'function' &&
    isObject(type.prototype) &&
    Object.prototype.isPrototypeOf.call(c.prototype, type.prototype))

/** Instances of the class and of its subclasses, and leaves whose `type` is the class or a subclass. */
export const OfType = (c: AnyClass): FilterFn => {
  if (typeof c !== 'function' || !isObject(c.prototype))
    throw new FilterError(`OfType: expected a class, got ${describe(c as Filter)}`)
  const f: FilterFn = (_, value) =>
    value instanceof c || (isObject(value) && 'type' in value && isOrExtends(value.type, c as { prototype: object }))
  return named(f, `OfType(${c.name})`)
}

/** Leaves whose `tag`, or `metadata.tag`, is this string. */
export const WithTag = (tag: string): FilterFn => {
  const f: FilterFn = (_, value) => {
    if (!isObject(value)) return false
    if ('tag' in value && value.tag === tag) return true
    return 'metadata' in value && isObject(value.metadata) && 'tag' in value.metadata && value.metadata.tag === tag
  }
  return named(f, `WithTag('${tag}')`)
}

/** Matches everything. */
export const Everything: FilterFn = named(() => true, 'Everything')

/** Matches nothing. */
export const Nothing: FilterFn = named(() => false, 'Nothing')

/** How messages print a filter. */
export const describe = (filter: unknown): string => {
  if (filter === rest) return '`rest`'
  if (typeof filter === 'boolean') return `\`${filter}\``
  if (typeof filter === 'function')
    return isClass(filter)
      ? filter.name || 'class'
      : Object.hasOwn(filter, 'toString')
        ? String(filter)
        : filter.name || 'predicate'
  if (typeof filter === 'string') return `'${filter}'`
  if (Array.isArray(filter)) return `[${filter.map(describe).join(', ')}]`
  if (typeof filter === 'object' && filter !== null) return filter.constructor?.name ?? 'object'
  return String(filter)
}

/** The predicate that a filter stands for. Throws FilterError for anything that is no filter. */
export const toPredicate = (filter: Filter): FilterFn => {
  if (typeof filter === 'string') return WithTag(filter)
  if (filter === rest || filter === true) return Everything
  if (filter === null || filter === false) return Nothing
  if (isClass(filter)) return OfType(filter)
  if (typeof filter === 'function') return filter as FilterFn
  if (Array.isArray(filter)) return Any(...(filter as readonly Filter[]))
  throw new FilterError(
    `Invalid collection filter: ${describe(filter)}; expected a class, a tag, a predicate, a boolean, null, \`rest\` or an array of these`,
  )
}

/** Leaves that any of the filters matches; none for no filters. The monoid of filters under "or". */
export const Any = (...filters: readonly Filter[]): FilterFn => {
  const parts = filters.map(toPredicate)
  const any = concatAll(getMonoidAny<Site>())(parts.map(onSite))
  return named((path, value) => any({ path, value }), `Any(${parts.map(describe).join(', ')})`)
}
