import { type Filter, toPredicate } from '@linum/filters'
import { GraphError } from '@linum/tensor'
import { setOwn } from './keys.js'
import { iterModules } from './traverse/iterate.js'

/** New values by attribute name. */
export type Attributes = Readonly<Record<string, unknown>>

/** What `Module.setAttributes` does, for the Modules of any graph. All or nothing: a call that throws sets none. */
export const setAttributes = (
  node: object,
  attributes: Attributes,
  filters: readonly Filter[],
  strict: boolean,
): void => {
  const predicate = toPredicate(filters.length === 0 ? true : filters)
  const missing = new Set(Object.keys(attributes))
  const writes: (readonly [object, string, unknown])[] = []
  for (const [path, module] of iterModules(node)) {
    if (!predicate(path, module)) continue
    for (const [name, value] of Object.entries(attributes)) {
      if (!(name in module)) continue
      missing.delete(name)
      writes.push([module, name, value])
    }
  }
  if (strict && missing.size > 0) {
    const names = [...missing].sort().map((name) => `'${name}'`)
    throw new GraphError(`Could not find at least one instance of the following attributes: [${names.join(', ')}]`)
  }
  for (const [module, name, value] of writes) setOwn(module, name, value)
}
