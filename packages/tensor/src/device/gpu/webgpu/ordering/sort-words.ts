import type { StoredDType } from '../../../../core/dtype.js'
import type { Dispatch } from '../shader.js'
import { countOf, elementsOf, type Lines } from './lines.js'
import { mergeRuns, type Sorted } from './merge-runs.js'
import { sortTiles, tileLength } from './sort-tiles.js'
import { spellingOf } from './spelling.js'
import type { Temporaries } from './temporaries.js'

/** What is sorted by: the step's operand. */
export interface SortKey {
  readonly operand: number
  readonly dtype: StoredDType
}

/** The number of tiles that lines take, and the parameters of the shader that sorts them. */
export const tilesOf = (lines: Lines): { readonly groups: number; readonly params: readonly number[] } => {
  const { length, inner } = lines
  const slot = length <= tileLength ? 2 ** Math.ceil(Math.log2(length)) : tileLength
  const span = Math.ceil(length / slot) * slot
  const count = countOf(lines)
  return { groups: Math.ceil((count * span) / tileLength), params: [count, length, inner, span, slot] }
}

/**
 * Sorts the elements of lines that are not empty by several keys, the first of which decides first. The order of equals
 * stays. The words of the result are those of the first key.
 */
export const sortWords = (
  lines: Lines,
  keys: readonly SortKey[],
  temporaries: Temporaries,
): { readonly dispatches: readonly Dispatch[]; readonly sorted: Sorted } => {
  const pair = (): Sorted => ({
    words: temporaries.add(elementsOf(lines)),
    places: temporaries.add(elementsOf(lines)),
  })
  let sorted: Sorted | null = null
  let spare: Sorted | null = null
  const dispatches: Dispatch[] = []
  // By the key that decides last first: each sort keeps what the ones before it made.
  for (const { operand, dtype } of [...keys].reverse()) {
    const before: Sorted | null = sorted
    let current: Sorted = spare ?? pair()
    spare = before
    dispatches.push({
      shader: sortTiles(spellingOf(dtype), before !== null, null),
      operands: [operand, ...(before === null ? [] : [before.places]), current.words, current.places],
      ...tilesOf(lines),
    })
    for (let run = tileLength; run < lines.length; run *= 2) {
      const into: Sorted = spare ?? pair()
      dispatches.push(mergeRuns(current, into, countOf(lines), lines.length, run))
      spare = current
      current = into
    }
    sorted = current
  }
  return { dispatches, sorted: sorted! }
}
