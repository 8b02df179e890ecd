import type { StoredDType } from '../../../core/dtype.js'
import { postpone } from '../../../program/effects.js'
import type { Elements } from './buffers.js'
import type { CompileSchedule, Engine, RunSchedule } from './engine.js'
import type { Control } from './flatten.js'
import { copyPart, putPart } from './transfer.js'

type Of<N extends Control['name']> = Extract<Control, { name: N }>
interface Result {
  readonly dtype: StoredDType
  readonly length: number
}

/** Control flow runs on the host, which draws the bodies' kernels; a predicate is waited for. */
export const compileControl = (
  engine: Engine,
  compile: CompileSchedule,
  routine: Control,
  results: readonly Result[],
): RunSchedule => {
  switch (routine.name) {
    case 'scan':
      return scan(engine, compile(routine.body), routine, results)
    case 'cond':
      return cond(engine, routine.branches.map(compile))
    case 'while':
      return whileLoop(engine, compile(routine.test), compile(routine.body), routine)
    case 'callback':
      return (inputs) => {
        postpone(routine.call, routine.avals, inputs.map(engine.readNow))
        return []
      }
  }
}

/** A result must be a buffer of its own. */
const owned = ({ store, painter }: Engine, elements: Elements, inputs: readonly Elements[]): Elements => {
  if (!inputs.includes(elements)) return elements
  const copy = store.take(elements.dtype, elements.length)
  copyPart(painter, elements, copy, 0)
  return copy
}

/** Results that are one buffer become several. */
const distinct = (engine: Engine, results: readonly Elements[], inputs: readonly Elements[]): readonly Elements[] =>
  results.map((r, k) => owned(engine, r, [...inputs, ...results.slice(0, k)]))

const scan = (engine: Engine, body: RunSchedule, r: Of<'scan'>, types: readonly Result[]): RunSchedule => {
  const { store, painter } = engine
  const fixed = r.constants + r.carry
  return (inputs) => {
    const scanned = inputs.slice(fixed)
    const rows = types.slice(r.carry).map(({ dtype, length }) => store.take(dtype, length))
    let carry: readonly Elements[] = inputs.slice(r.constants, fixed)
    for (let n = 0; n < r.length; n++) {
      const i = r.reverse ? r.length - 1 - n : n
      const parts = scanned.map((x) => {
        const part = store.take(x.dtype, x.length / r.length)
        copyPart(painter, x, part, i * part.length)
        return part
      })
      const given = [...inputs.slice(0, r.constants), ...carry, ...parts]
      const made = body(given)
      made.slice(r.carry).forEach((y, k) => putPart(painter, y, rows[k]!, i * y.length))
      const next = made.slice(0, r.carry)
      for (const old of new Set([...carry, ...parts, ...made]))
        if (!inputs.includes(old) && !next.includes(old)) store.free(old)
      carry = next
    }
    return [...distinct(engine, carry, inputs), ...rows]
  }
}

const cond = (engine: Engine, branches: readonly RunSchedule[]): RunSchedule => {
  return ([index, ...operands]) => {
    const chosen = Math.min(Math.max(engine.readNow(index!)[0]!, 0), branches.length - 1)
    return distinct(engine, branches[chosen]!(operands), operands)
  }
}

const whileLoop = (engine: Engine, test: RunSchedule, body: RunSchedule, r: Of<'while'>): RunSchedule => {
  const { store } = engine
  const fixed = r.testConstants + r.bodyConstants
  return (inputs) => {
    const [testing, running] = [inputs.slice(0, r.testConstants), inputs.slice(r.testConstants, fixed)]
    let carry: readonly Elements[] = inputs.slice(fixed)
    const goesOn = (): boolean => {
      const given = [...testing, ...carry]
      const [answer] = test(given)
      const yes = engine.readNow(answer!)[0] !== 0
      if (!given.includes(answer!)) store.free(answer!)
      return yes
    }
    while (goesOn()) {
      const next = body([...running, ...carry])
      for (const old of new Set(carry)) if (!inputs.includes(old) && !next.includes(old)) store.free(old)
      carry = next
    }
    return distinct(engine, carry, inputs)
  }
}
