import { convRoutines } from './conv/routines.js'
import { dotRoutines } from './dot/routines.js'
import { sortRoutines } from './ordering/routines.js'
import type { RoutineDefinition } from './routine-module.js'
import { forkRoutine, serveRoutine } from './threads/fork.js'

/** Every routine that programs may call. */
export const routineDefinitions: readonly RoutineDefinition[] = [
  ...dotRoutines,
  ...convRoutines,
  ...sortRoutines,
  forkRoutine,
  serveRoutine,
]

/** Those for other element types than float32, which few programs need: they are written into the programs that do. */
const rare = /\b(f64|i32|u?int(8|16|32)|bfloat16|float16|float64|copy[128]|sort)/

/** The routines of the module that all programs share. */
export const commonRoutines: readonly RoutineDefinition[] = routineDefinitions.filter(({ name }) => !rare.test(name))

/** Any routine by its name. */
export const routineNamed: ReadonlyMap<string, RoutineDefinition> = new Map(
  routineDefinitions.map((d) => [d.name, d] as const),
)
