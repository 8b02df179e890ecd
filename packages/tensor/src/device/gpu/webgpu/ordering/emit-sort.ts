import type { StoredDType } from '../../../../core/dtype.js'
import type { Routine } from '../../../../program/schedule.js'
import type { Dispatch, Shader, StepCode } from '../shader.js'
import { elementsOf, elementText, type Lines } from './lines.js'
import { sortTiles, tileLength } from './sort-tiles.js'
import { sortWords, tilesOf } from './sort-words.js'
import { spellingOf } from './spelling.js'
import { Temporaries } from './temporaries.js'

type Plan = Extract<Routine, { name: 'sort' }>

const threads = 256
/** Operands that one shader puts in order, so that with the order it has no more than eight. */
const together = 3

/** The order of each line's elements, inputs, outputs. Parameters: the length, the inner extent, all elements. */
const gather = (count: number): Shader => ({
  operands: Array.from({ length: 1 + 2 * count }, (_, k) => (k <= count ? 'read' : 'write')),
  threads,
  params: 3,
  declarations: [],
  body: `let into = group * ${threads} + lane;
if (into >= p2) { return; }
let line = into / (p0 * p1) * p1 + into % p1;
let i = i32($0[line * p0 + into / p1 % p0]);
let source = ${elementText('line', 'i', 'p0', 'p1')};
${Array.from({ length: count }, (_, k) => `$${1 + count + k}[into] = $${1 + k}[source];`).join('\n')}`,
})

const gatherAll = (lines: Lines, operands: number, order: number): readonly Dispatch[] =>
  Array.from({ length: Math.ceil(operands / together) }, (_, part) => {
    const first = part * together
    const some = Array.from({ length: Math.min(together, operands - first) }, (_, k) => first + k)
    return {
      shader: gather(some.length),
      operands: [order, ...some, ...some.map((k) => operands + k)],
      params: [lines.length, lines.inner, elementsOf(lines)],
      groups: Math.ceil(elementsOf(lines) / threads),
    }
  })

/**
 * Sorts operands together along an axis by the leading `keys` of them: ascending and stable, NaN last, -0 equal to 0.
 * A later key decides between equals of the earlier ones.
 */
export const emitSort = (routine: Plan, types: readonly StoredDType[]): StepCode => {
  const n = types.length
  if (elementsOf(routine) === 0) return { dispatches: [], temporaries: [] }
  if (routine.length <= tileLength && routine.keys === 1 && n <= together) {
    const all = Array.from({ length: 2 * n }, (_, k) => k)
    const shader = sortTiles(spellingOf(types[0]!), false, n)
    return { dispatches: [{ shader, operands: [0, ...all], ...tilesOf(routine) }], temporaries: [] }
  }
  const temporaries = new Temporaries(2 * n)
  const keys = types.slice(0, routine.keys).map((dtype, operand) => ({ operand, dtype }))
  const { dispatches, sorted } = sortWords(routine, keys, temporaries)
  return {
    dispatches: [...dispatches, ...gatherAll(routine, n, sorted.places)],
    temporaries: temporaries.words,
  }
}
