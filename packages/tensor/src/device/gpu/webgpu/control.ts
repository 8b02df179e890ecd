import type { Routine, Schedule, Slot } from '../../../program/schedule.js'
import type { Command } from './command.js'
import type { Guard, Linker, Surroundings } from './linker.js'
import { type Location, moving } from './location.js'
import type { Shader } from './shader.js'

type Control = Extract<Routine, { name: 'scan' | 'cond' | 'while' }>

const words = ({ length }: Slot): number => length

/**
 * Finds which branch runs, where it runs at all, and tells every dispatch of the branches how many groups to run.
 * Operands: the number of the branch, whether any runs, a table of (branch, x, y, word of the arguments), the arguments,
 * the flags of the branches. Parameters: entries of the table, branches.
 */
const chooseShader: Shader = {
  operands: ['read', 'read', 'read', 'write', 'write'],
  threads: 64,
  params: 2,
  declarations: [],
  body: `if (group > 0) { return; }
let chosen = clamp(bitcast<i32>($0[0]), 0, p1 - 1);
let wanted = $1[0] != 0u;
for (var i = lane; i < p0; i += 64) {
  let on = wanted && bitcast<i32>($2[4 * i]) == chosen;
  let to = bitcast<i32>($2[4 * i + 3]);
  $3[to] = select(0u, $2[4 * i + 1], on);
  $3[to + 1] = select(0u, $2[4 * i + 2], on);
  $3[to + 2] = 1u;
}
for (var b = lane; b < p1; b += 64) { $4[b] = select(0u, 1u, wanted && b == chosen); }`,
}

/** The places that a nested schedule's inputs and outputs have, by slot, and the copies that its results need afterwards. */
interface Placed {
  readonly places: readonly (Location | undefined)[]
  readonly copies: readonly { readonly slot: number; readonly to: Location }[]
}

/** A result goes to its place at once where a step of its own makes it; an input or a constant is copied there. */
const placed = (schedule: Schedule, inputs: readonly Location[], outputs: readonly Location[]): Placed => {
  const places: (Location | undefined)[] = schedule.slots.map(() => undefined)
  schedule.inputs.forEach((slot, k) => (places[slot] = inputs[k]!))
  const copies: { readonly slot: number; readonly to: Location }[] = []
  schedule.outputs.forEach((slot, k) => {
    if (places[slot] === undefined && schedule.slots[slot]!.kind === 'output') places[slot] = outputs[k]!
    else copies.push({ slot, to: outputs[k]! })
  })
  return { places, copies }
}

/** The commands of a nested schedule between given places. */
const nested = (
  linker: Linker,
  schedule: Schedule,
  inputs: readonly Location[],
  outputs: readonly Location[],
  base: number,
  around: Surroundings,
): readonly Command[] => {
  const { places, copies } = placed(schedule, inputs, outputs)
  const commands = linker.schedule(schedule, places, base, around)
  return [
    ...commands,
    ...copies.flatMap(({ slot, to }) => {
      const { kind, dtype, length, value } = schedule.slots[slot]!
      const from = places[slot] ?? (kind === 'constant' ? linker.constant(dtype, length, value) : undefined)
      if (from === undefined) throw new Error('gpu: a result of a nested program has no place')
      return linker.copy(from, to, length, around)
    }),
  ]
}

/** Commands that write the arguments of a guard's dispatches; called when they are all known. */
const choose = (
  linker: Linker,
  { flag, entries }: Guard,
  branches: number,
  value: Location,
  around: Surroundings,
): Command => {
  const table = linker.table(entries.flatMap(({ branch, x, y, to }) => [branch, x, y, to]))
  const active = around.guard?.flag ?? linker.table([1])
  return linker.dispatch(
    chooseShader,
    [value, active, table, { buffer: 'arguments', offset: 0, steps: [] }, flag],
    [entries.length, branches],
    1,
    around,
    true,
  )
}

/** The commands of a step that runs schedules. `operands` are its inputs and then its outputs, `slots` what they are. */
export const linkControl = (
  linker: Linker,
  routine: Control,
  count: number,
  operands: readonly Location[],
  slots: readonly Slot[],
  base: number,
  around: Surroundings,
): readonly Command[] => {
  const inputs = operands.slice(0, count)
  const outputs = operands.slice(count)
  switch (routine.name) {
    case 'scan':
      return scan(linker, routine, inputs, outputs, slots, base, around)
    case 'cond':
      return cond(linker, routine, inputs, outputs, base, around)
    case 'while':
      return whileLoop(linker, routine, inputs, outputs, slots.slice(count), base, around)
  }
}

const scan = (
  linker: Linker,
  routine: Extract<Routine, { name: 'scan' }>,
  inputs: readonly Location[],
  outputs: readonly Location[],
  slots: readonly Slot[],
  base: number,
  around: Surroundings,
): readonly Command[] => {
  const { body, constants, carry, length, reverse } = routine
  const fixed = constants + carry
  const depth = around.loops
  const inside: Surroundings = { ...around, loops: depth + 1 }
  let free = base
  // The last iteration writes the result: values alternate between its place and one of their own.
  const other = outputs.slice(0, carry).map((_, k) => {
    const [place, end] = linker.reserve(free, words(slots[inputs.length + k]!))
    free = end
    return place
  })
  const result = outputs.slice(0, carry)
  const first = length % 2 === 0 ? result : other
  const start = inputs
    .slice(constants, fixed)
    .flatMap((from, k) => linker.copy(from, first[k]!, words(slots[constants + k]!), around))
  if (length === 0) return start
  const row = (location: Location, slot: Slot): Location => {
    const width = slot.length / length
    return moving(location, depth, reverse ? (length - 1) * width : 0, reverse ? -width : width)
  }
  const scanned = inputs.slice(fixed).map((l, k) => row(l, slots[fixed + k]!))
  const stacked = outputs.slice(carry).map((l, k) => row(l, slots[inputs.length + carry + k]!))
  const iteration = (from: readonly Location[], to: readonly Location[]): readonly Command[] =>
    nested(linker, body, [...inputs.slice(0, constants), ...from, ...scanned], [...to, ...stacked], free, inside)
  const second = first === result ? other : result
  const even = iteration(first, second)
  return [...start, { kind: 'repeat', count: length, even, odd: carry === 0 ? even : iteration(second, first) }]
}

const cond = (
  linker: Linker,
  { branches }: Extract<Routine, { name: 'cond' }>,
  [index, ...inputs]: readonly Location[],
  outputs: readonly Location[],
  base: number,
  around: Surroundings,
): readonly Command[] => {
  const [flags, free] = linker.reserve(base, branches.length)
  const entries: Guard['entries'] = []
  const commands = branches.flatMap((body, branch) => {
    const flag = { ...flags, offset: flags.offset + branch }
    return nested(linker, body, inputs, outputs, free, { ...around, guard: { flag, entries, branch } })
  })
  return [choose(linker, { flag: flags, entries, branch: 0 }, branches.length, index!, around), ...commands]
}

const whileLoop = (
  linker: Linker,
  { test, body, testConstants, bodyConstants }: Extract<Routine, { name: 'while' }>,
  inputs: readonly Location[],
  outputs: readonly Location[],
  slots: readonly Slot[],
  base: number,
  around: Surroundings,
): readonly Command[] => {
  const fixed = testConstants + bodyConstants
  const [flags, afterFlags] = linker.reserve(base, 2)
  const [going, afterTest] = linker.reserve(afterFlags, 1)
  let free = afterTest
  const next = outputs.map((_, k) => {
    const [place, end] = linker.reserve(free, words(slots[k]!))
    free = end
    return place
  })
  const start = outputs.flatMap((to, k) => linker.copy(inputs[fixed + k]!, to, words(slots[k]!), around))
  // The values stay as they are once the loop has ended, so the test gives the same again.
  const testing = nested(linker, test, [...inputs.slice(0, testConstants), ...outputs], [going], free, around)
  const entries: Guard['entries'] = []
  const flag = { ...flags, offset: flags.offset + 1 }
  const inside: Surroundings = { ...around, guard: { flag, entries, branch: 1 } }
  const running = [
    ...nested(linker, body, [...inputs.slice(testConstants, fixed), ...outputs], next, free, inside),
    ...outputs.flatMap((to, k) => linker.copy(next[k]!, to, words(slots[k]!), inside)),
  ]
  const chosen = choose(linker, { flag: flags, entries, branch: 0 }, 2, going, around)
  return [...start, { kind: 'while', iteration: [...testing, chosen, ...running], flag }]
}
