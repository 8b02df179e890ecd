import { expandCluster } from '../../../kernel/expand-cluster.js'
import { planMemory } from '../../../program/plan.js'
import { clusterTeams } from './kernels/cluster.js'
import type { Routine, Schedule, Slot, Step } from '../../../program/schedule.js'

/** An element of any dtype. */
const wordBytes = 4

const prepareRoutine = (routine: Routine): Routine => {
  switch (routine.name) {
    case 'scan':
      return { ...routine, body: prepareSchedule(routine.body) }
    case 'cond':
      return { ...routine, branches: routine.branches.map(prepareSchedule) }
    case 'while':
      return { ...routine, test: prepareSchedule(routine.test), body: prepareSchedule(routine.body) }
    default:
      return routine
  }
}

const slotOf = ({ inputs, outputs }: Step, position: number): number => [...inputs, ...outputs][position]!

/**
 * A schedule as this device runs it: every element takes one word, and clusters that are no pass of a workgroup over rows
 * are kernels of their own.
 */
export const prepareSchedule = (schedule: Schedule): Schedule => {
  const lengths = new Map<number, number>()
  const steps = schedule.steps.flatMap((step): readonly Step[] => {
    if (step.kind === 'routine') return [{ ...step, routine: prepareRoutine(step.routine) }]
    if (step.kind === 'kernel') return [step]
    if (clusterTeams(step) !== null) {
      // One row of what only members use lies in workgroup memory.
      for (const { writes, local } of step.members) if (local) lengths.set(slotOf(step, writes), 0)
      return [step]
    }
    const expanded = expandCluster(step)
    for (const [slot, length] of expanded.lengths) lengths.set(slot, length)
    return expanded.kernels.map((k): Step => ({ kind: 'kernel', ...k }))
  })
  const donors = new Set<number>()
  const slots = schedule.slots.map(({ from, ...slot }, id): Slot => {
    if (from !== undefined) donors.add(from)
    const length = lengths.get(id)
    return length === undefined ? slot : { ...slot, length }
  })
  return planMemory({ ...schedule, slots, steps }, () => wordBytes, donors)
}
