import type { Callee } from '../asm/function.js'
import type { ModuleBuilder } from '../asm/module.js'
import type { RoutineDefinition } from '../routine-module.js'
import type { Target } from '../step-code.js'
import { gatherRoutine } from './gather.js'
import { lanesRoutines } from './lanes.js'
import { linesRoutines } from './lines.js'
import { moveRoutines } from './move.js'

const float32 = (d: RoutineDefinition): boolean => d.name.includes('f32') || d.name.includes('float32')
/** What nearly every program with a convolution calls. */
const common = [gatherRoutine, ...[...linesRoutines, ...moveRoutines].filter(float32)]
const rare: ReadonlyMap<string, RoutineDefinition> = new Map(
  [...linesRoutines, ...moveRoutines, ...lanesRoutines].filter((d) => !common.includes(d)).map((d) => [d.name, d]),
)

/** What convolutions need besides the routines of products; what few programs call they carry themselves. */
export const convRoutines: readonly RoutineDefinition[] = common

const written = new WeakMap<ModuleBuilder, Map<string, Callee>>()

/** A routine of convolutions or products: of the module that programs share, or written into the program's own. */
export const convRoutine = (target: Target, name: string): Callee => {
  const d = rare.get(name)
  if (d === undefined) return target.routine(name)
  const { module, fma, scratch } = target
  let known = written.get(module)
  if (known === undefined) written.set(module, (known = new Map()))
  const made = known.get(name)
  if (made !== undefined) return made
  const f = module.function(d.params, d.results)
  known.set(name, f)
  d.emit(f, { fma, shared: false, scratch, module, call: (callee) => convRoutine(target, callee) })
  return f
}
