import { writeAcross } from './across.js'
import { writeAlong } from './along.js'
import { KernelWriter, type Setting } from './kernel-writer.js'
import { writeMap } from './map.js'
import type { Plan } from './plan.js'
import { turnOf, writeTransposed } from './transpose.js'
import { writeUnrolled } from './unrolled.js'

/** The code of a kernel, to be put behind that of the scopes around it. */
export const writeKernel = (setting: Setting, plan: Plan): readonly number[] => {
  const w = new KernelWriter(setting)
  switch (plan.kind) {
    case 'map': {
      const turn = turnOf(setting.kernel, setting.survey, setting.dependence, setting.outer.counters.length)
      return turn === null ? writeMap(w) : writeTransposed(w, turn)
    }
    case 'unrolled':
      return writeUnrolled(w, plan.extents)
    case 'along':
      return writeAlong(w)
    case 'across':
      return writeAcross(w)
  }
}
