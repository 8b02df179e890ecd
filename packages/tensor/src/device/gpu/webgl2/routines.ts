import type { StoredDType } from '../../../core/dtype.js'
import { DeviceError } from '../../../core/errors.js'
import { sizeOf } from '../../../core/shape.js'
import type { PlacedKernel } from '../../../kernel/expand-cluster.js'
import type { Kernel } from '../../../kernel/ir.js'
import type { Routine } from '../../../program/schedule.js'
import type { AddSlot } from './flatten.js'
import { nextAfter } from './next-after.js'
import { convKernel } from './routines/conv.js'
import { cumsumKernel } from './routines/cumsum.js'
import { dotKernel } from './routines/dot.js'
import { scatterKernel } from './routines/scatter.js'
import { sortKernels } from './routines/sort.js'

type Computation = Exclude<Routine, { name: 'scan' | 'cond' | 'while' | 'callback' }>

/** The buffers of a routine, and how more are had. */
export interface RoutineSlots {
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly add: AddSlot
}

/** Elements of a line that is sorted or summed up, for which every one looks at every other. */
const longestLine = 4096
/** Elements times updates of a scatter, for which every element looks at every update. */
const mostLooks = 2 ** 32

const checkWork = (fn: string, dtype: StoredDType, count: number, most: number, what: string): void => {
  if (count > most)
    throw new DeviceError(
      `${fn}: too much work for 'gpu' on WebGL2, got ${count} ${what} of ${dtype}, at most ${most}; use x.to('wasm'), or a browser with WebGPU`,
    )
}

/** A routine as kernels. Throws DeviceError for one that carries its own code. */
export const routineKernels = (
  routine: Computation,
  types: readonly StoredDType[],
  slots: RoutineSlots,
): readonly PlacedKernel[] => {
  const alone = (kernel: Kernel<number>): readonly PlacedKernel[] => [{ kernel, ...slots }]
  switch (routine.name) {
    case 'dot':
      return alone(dotKernel(routine, types))
    case 'conv':
      return alone(convKernel(routine, types))
    case 'cumsum':
      checkWork('cumsum', types[0]!, routine.length, longestLine, 'elements in a line')
      return alone(cumsumKernel(routine, types))
    case 'scatter': {
      const elements = sizeOf(routine.extents) * sizeOf(routine.window.shape)
      checkWork('scatter', types[0]!, elements * routine.updates, mostLooks, 'elements times updates')
      return alone(scatterKernel(routine, types))
    }
    case 'sort':
      checkWork('sort', types[0]!, routine.length, longestLine, 'elements in a line')
      return sortKernels(routine, types, slots)
    case 'routine':
      if (routine.routine.name === 'nextafter')
        return alone(nextAfter(types[0]!, sizeOf(routine.operands[0]!.shape) * routine.batch))
      throw new DeviceError(
        `${routine.routine.name}: 'gpu' on WebGL2 has no code for it, got ${types.join(', ')}; use x.to('wasm')`,
      )
  }
}
