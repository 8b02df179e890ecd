import { type Filter, toPredicate } from '@linum/filters'
import type { Metadata } from '../variable/metadata.js'
import { checkMutable, Variable } from '../variable/variable.js'
import { iterGraph } from './iterate.js'

export interface SetMetadataOptions {
  /** Which Variables. All by default. */
  readonly only?: Filter
}

/** Adds to the metadata of the Variables of a graph. Throws TraceError for captured ones; then none has changed. */
export const setMetadata = (node: unknown, metadata: Metadata, { only = true }: SetMetadataOptions = {}): void => {
  const selects = toPredicate(only)
  const found: Variable<unknown>[] = []
  for (const [path, value] of iterGraph(node)) if (value instanceof Variable && selects(path, value)) found.push(value)
  for (const variable of found) checkMutable(variable)
  for (const variable of found) variable.setMetadata(metadata)
}
