import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import type { Routine } from '../../../program/schedule.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import { forCount, forRange } from '../conv/loop.js'
import { routineScratch } from '../scratch.js'
import type { StepCode, Target } from '../step-code.js'
import { countBytes, record } from './routines.js'
import { type Spell, wordsOf } from './words.js'

type Plan = Extract<Routine, { name: 'sort' }>

interface SortTypes {
  readonly inputs: readonly StoredDType[]
}

/** Elements of a chunk that is worth handing to a thread. */
const chunkElements = 1 << 12

const copyElement = (f: FunctionBuilder, bytes: number, into: () => void, from: () => void): void => {
  const [load, store] =
    bytes === 8
      ? [code.i64Load, code.i64Store]
      : bytes === 4
        ? [code.i32Load, code.i32Store]
        : bytes === 2
          ? [code.i32Load16U, code.i32Store16]
          : [code.i32Load8U, code.i32Store8]
  into()
  from()
  f.memory(load).memory(store)
}

/**
 * Sorts operands together along an axis by the first of them: ascending and stable, NaN last, -0 equal to 0. A unit is
 * one line along the axis.
 */
export const emitSort = (target: Target, plan: Plan, { inputs: dtypes }: SortTypes): StepCode => {
  const { outer, length, inner } = plan
  const inScratch = countBytes + 2 * record.bytes * length <= routineScratch.bytes
  const f = target.module.function([i32, i32, i32])
  const [args, from, to] = [0, 1, 2]
  const word = (): Local => f.local(i32)
  const [first, at, records, spare, read, write] = [word(), word(), word(), word(), word(), word()]
  const sorted = word()
  const pushRecords = (k: number): void => {
    if (inScratch) {
      f.globalGet(target.scratch)
        .i32(routineScratch.offset + countBytes + k * record.bytes * length)
        .op(code.i32Add)
    } else f.get(args).memory(code.i32Load, 4 * (2 * dtypes.length + k))
  }
  /** Points a local at the line's first element of an operand. */
  const point = (local: Local, operand: number, bytes: number): void => {
    f.get(args).memory(code.i32Load, 4 * operand)
    f.get(first).i32(bytes).op(code.i32Mul).op(code.i32Add).set(local)
  }
  /** Gives every record its element's word; the first time they come in the elements' order. */
  const spellAll = (k: number, spell: Spell, initial: boolean): void => {
    const stride = inner * dtypeBytes(dtypes[k]!)
    const element = word()
    point(read, k, dtypeBytes(dtypes[k]!))
    f.get(sorted).set(at)
    forCount(f, length, 1, (i) => {
      if (initial) {
        f.get(at).get(i).memory(code.i32Store, record.number)
        f.get(at)
        spell(f, read)
        f.memory(code.i32Store, record.word).increment(read, stride)
      } else {
        f.get(at).memory(code.i32Load, record.number).i32(stride).op(code.i32Mul)
        f.get(read).op(code.i32Add).set(element).get(at)
        spell(f, element)
        f.memory(code.i32Store, record.word)
      }
      f.increment(at, record.bytes)
    })
  }
  // By the word that decides last first: each sort keeps what the ones before it made.
  const words = dtypes
    .slice(0, plan.keys)
    .map((dtype, k) => wordsOf(dtype).map((spell) => ({ k, spell })))
    .reverse()
    .flat()
  forRange(f, from, to, (unit) => {
    f.get(unit)
      .i32(inner)
      .op(code.i32DivU)
      .i32(length * inner)
      .op(code.i32Mul)
    f.get(unit).i32(inner).op(code.i32RemU).op(code.i32Add).set(first)
    pushRecords(0)
    f.tee(records).set(sorted)
    pushRecords(1)
    f.set(spare)
    words.forEach(({ k, spell }, n) => {
      spellAll(k, spell, n === 0)
      f.get(sorted).get(spare).get(records).get(sorted).get(records).op(code.i32Eq).select()
      f.i32(length).call(target.routine('sortRecords')).set(sorted)
    })
    dtypes.forEach((dtype, k) => {
      const bytes = dtypeBytes(dtype)
      point(read, k, bytes)
      point(write, dtypes.length + k, bytes)
      f.get(sorted).set(at)
      forCount(f, length, 1, () => {
        copyElement(
          f,
          bytes,
          () => void f.get(write),
          () =>
            void f
              .get(at)
              .memory(code.i32Load, record.number)
              .i32(inner * bytes)
              .op(code.i32Mul)
              .get(read)
              .op(code.i32Add),
        )
        f.increment(write, inner * bytes).increment(at, record.bytes)
      })
    })
  })
  const lines = outer * inner
  const grain = inScratch ? Math.ceil(chunkElements / length) : lines
  return {
    parts: [{ run: f, units: lines, grain, parallel: inScratch }],
    temporaries: inScratch ? [] : [record.bytes * length, record.bytes * length],
  }
}
