import type { StoredDType } from '../../../../core/dtype.js'
import { sizeOf } from '../../../../core/shape.js'
import type { Routine } from '../../../../program/schedule.js'
import { windowAxes } from '../../../wasm/scatter/window.js'
import { sortWords } from '../ordering/sort-words.js'
import { Temporaries } from '../ordering/temporaries.js'
import type { Dispatch, Shader, StepCode } from '../shader.js'
import { applyInOrder, applySorted, setSorted, threads } from './apply.js'
import { combinationOf } from './combination.js'
import { findTargets } from './targets.js'
import { windowParams } from './window-text.js'

type Plan = Extract<Routine, { name: 'scatter' }>

/** Up to how many updates each thread goes through all of them. */
const few = 16

/** Words that a thread copies. */
const share = 4

/** Parameter: the words. */
const copy: Shader = {
  operands: ['read', 'write'],
  threads,
  params: 1,
  declarations: [],
  body: `for (var k = 0; k < ${share}; k++) {
  let i = (group * ${share} + k) * ${threads} + lane;
  if (i < p0) { $1[i] = $0[i]; }
}`,
}

/**
 * Windows of a copy of the operand combined with updates, those of one element in order; windows outside are left out.
 * Updates are sorted by their targets, so that each element is one thread's. `types` are those of the operand, the
 * indices and the updates.
 */
export const emitScatter = (routine: Plan, types: readonly StoredDType[]): StepCode => {
  const { op, extents, strides, window, updates } = routine
  const elements = sizeOf(window.shape)
  const length = sizeOf(extents) * elements
  if (length === 0) return { dispatches: [], temporaries: [] }
  const update = extents.length + 1
  const output = update + 1
  const copyAll: Dispatch = {
    shader: copy,
    operands: [0, output],
    params: [length],
    groups: Math.ceil(length / (share * threads)),
  }
  if (updates === 0) return { dispatches: [copyAll], temporaries: [] }
  const temporaries = new Temporaries(output + 1)
  const targets = temporaries.add(updates)
  const prepared = [copyAll, ...findTargets(extents, strides, updates, targets)]
  const axes = windowAxes(window.shape, window.strides)
  const params = [updates, elements, ...windowParams(axes)]
  const combination = combinationOf(op, types[0]!)
  if (updates <= few) {
    const apply: Dispatch = {
      shader: applyInOrder(combination, axes.length),
      operands: [targets, update, output],
      params,
      groups: Math.ceil(elements / threads),
    }
    return { dispatches: [...prepared, apply], temporaries: temporaries.words }
  }
  const line = { outer: 1, length: updates, inner: 1 }
  const { dispatches, sorted } = sortWords(line, [{ operand: targets, dtype: 'uint32' }], temporaries)
  const apply: Dispatch = {
    shader: op === 'set' ? setSorted(axes.length) : applySorted(combination, axes.length),
    operands: [sorted.words, sorted.places, update, output],
    params,
    groups: Math.ceil((updates * elements) / threads),
  }
  return { dispatches: [...prepared, ...dispatches, apply], temporaries: temporaries.words }
}
