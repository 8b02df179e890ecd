import { formatPath, type Path, toPathKey } from '@linum/filters'
import { StateError } from '@linum/tensor'
import { setOwn } from '../keys.js'
import { VariableState } from '../variable/variable-state.js'
import { flatState, fromFlatState } from './flat-state.js'
import { isMapping, mappingEntries, type State } from './state.js'

/** A nested plain object, as checkpoints hold it. */
export interface PureDict {
  [key: string]: unknown
}

const rawValue = (leaf: unknown): unknown => (leaf instanceof VariableState ? leaf.value : leaf)

/** A State as nested plain objects of raw values: without types and metadata. */
export const toPureDict = (state: object): PureDict => {
  const out: PureDict = {}
  for (const [key, value] of mappingEntries(state))
    setOwn(out, key, isMapping(value) ? toPureDict(value) : rawValue(value))
  return out
}

const quoted = (path: Path): string =>
  `(${path.map((key) => (typeof key === 'number' ? key : `'${key}'`)).join(', ')}${path.length === 1 ? ',' : ''})`

/**
 * A new State with the values of a nested plain object in the place of those with the same paths; types and metadata
 * stay. Throws StateError for a path that the State has not.
 */
export const replaceByPureDict = (state: object, dict: object): State => {
  const leaves = new Map(flatState(state).map(([path, leaf]) => [JSON.stringify(path), [path, leaf] as const]))
  for (const [path, value] of flatState(dict)) {
    const id = JSON.stringify(path)
    const known = leaves.get(id)
    if (known === undefined) {
      throw new StateError(
        `key in pure_dict not available in state: ${quoted(path)}; the state has ${
          [...leaves.values()]
            .slice(0, 8)
            .map(([p]) => formatPath(p))
            .join(', ') || 'no leaves'
        }`,
      )
    }
    leaves.set(id, [known[0], known[1] instanceof VariableState ? known[1].replace(value) : value])
  }
  return fromFlatState(leaves.values())
}

/** The same nested object with Maps whose keys are numbers where every key of a level is a canonical integer, else plain objects. */
export const restoreIntPaths = (dict: object): PureDict | Map<number, unknown> => {
  const entries = mappingEntries(dict).map(
    ([key, value]) => [toPathKey(key), isMapping(value) ? restoreIntPaths(value) : value] as const,
  )
  if (entries.length > 0 && entries.every((entry): entry is readonly [number, unknown] => typeof entry[0] === 'number'))
    return new Map(entries)
  const out: PureDict = {}
  for (const [key, value] of entries) setOwn(out, key, value)
  return out
}
