import { type FunctionBuilder, i32, i64, type Local } from '../asm/function.js'
import {
  i32Add,
  i32GtU,
  i32LeS,
  i32LeU,
  i32Load,
  i32Load8U,
  i32LtU,
  i32Mul,
  i32Ne,
  i32Shl,
  i32Store,
  i64Load,
  i64Store,
} from '../asm/opcodes.js'
import type { RoutineDefinition } from '../routine-module.js'
import { routineScratch } from '../scratch.js'

/** What is sorted: an element's number and the word that decides. */
export const record: { readonly bytes: number; readonly number: number; readonly word: number } = {
  bytes: 8,
  number: 0,
  word: 4,
}
/** How often each value of each of a word's four bytes occurs. */
const tableBytes = 4 * 256
export const countBytes: number = 4 * tableBytes
/** Up to how many records insertion is faster. */
const few = 40

/** Runs `body` for every record from `from` on to before `end`. */
const eachRecord = (f: FunctionBuilder, from: Local, end: Local, at: Local, body: () => void): void => {
  f.get(from).set(at)
  f.loop(() => {
    body()
    f.increment(at, record.bytes).get(at).get(end).op(i32LtU).branchIf(0)
  })
}

const insertion = (f: FunctionBuilder, from: Local, end: Local): void => {
  const [at, gap, word, moved] = [f.local(i32), f.local(i32), f.local(i32), f.local(i64)]
  eachRecord(f, from, end, at, () => {
    f.get(at).memory(i64Load).set(moved)
    f.get(at).memory(i32Load, record.word).set(word)
    f.get(at).set(gap)
    f.block(() => {
      f.loop(() => {
        f.get(gap).get(from).op(i32LeU).branchIf(1)
        f.get(gap).i32(-record.bytes).op(i32Add).memory(i32Load, record.word).get(word).op(i32LeU).branchIf(1)
        f.get(gap).get(gap).i32(-record.bytes).op(i32Add).memory(i64Load).memory(i64Store)
        f.increment(gap, -record.bytes).branch(0)
      })
    })
    f.get(gap).get(moved).memory(i64Store)
  })
}

/** Sorts by one byte after the other from the lowest, skipping those that all words share. */
const radix = (f: FunctionBuilder, from: Local, spare: Local, count: Local, counts: Local): void => {
  const word = (): Local => f.local(i32)
  const [at, end, byte, entry, place, n] = [word(), word(), word(), word(), word(), word()]
  const bytesOf = (): FunctionBuilder => f.get(count).i32(record.bytes).op(i32Mul)
  /** Pushes the address of the entry of the record's `byte`th byte in the table at `table`. */
  const pushEntry = (table: () => void, record: Local): FunctionBuilder => {
    f.get(record).get(byte).op(i32Add).memory(i32Load8U, 4).i32(2).op(i32Shl)
    table()
    return f.op(i32Add)
  }
  f.get(counts).i32(0).i32(countBytes).memoryFill()
  f.get(from)
  bytesOf().op(i32Add).set(end)
  eachRecord(f, from, end, at, () => {
    for (let b = 0; b < 4; b++) {
      f.get(at)
        .memory(i32Load8U, record.word + b)
        .i32(2)
        .op(i32Shl)
        .get(counts)
        .op(i32Add)
        .tee(entry)
      f.get(entry)
        .memory(i32Load, b * tableBytes)
        .i32(1)
        .op(i32Add)
        .memory(i32Store, b * tableBytes)
    }
  })
  f.i32(0).set(byte)
  f.loop(() => {
    pushEntry(() => f.get(counts), from)
      .memory(i32Load)
      .get(count)
      .op(i32Ne)
    f.if(() => {
      // The counts become the places where the next record of each value goes.
      f.get(spare).set(place).get(counts).set(entry)
      f.loop(() => {
        f.get(entry).memory(i32Load).set(n)
        f.get(entry).get(place).memory(i32Store)
        f.get(n).i32(record.bytes).op(i32Mul).get(place).op(i32Add).set(place)
        f.increment(entry, 4).get(entry).get(counts).i32(tableBytes).op(i32Add).op(i32LtU).branchIf(0)
      })
      f.get(from)
      bytesOf().op(i32Add).set(end)
      eachRecord(f, from, end, at, () => {
        pushEntry(() => f.get(counts), at)
          .tee(entry)
          .memory(i32Load)
          .tee(place)
        f.get(at).memory(i64Load).memory(i64Store)
        f.get(entry).get(place).i32(record.bytes).op(i32Add).memory(i32Store)
      })
      f.get(from).set(place).get(spare).set(from).get(place).set(spare)
    })
    f.increment(counts, tableBytes).increment(byte, 1)
    f.get(byte).i32(4).op(i32Ne).branchIf(0)
  })
}

/**
 * (records, spare, count) -> where the records lie sorted, which is one of the two places. Records of equal words keep
 * their order.
 */
const sortRecords: RoutineDefinition = {
  name: 'sortRecords',
  params: [i32, i32, i32],
  results: [i32],
  emit: (f, { scratch }) => {
    const [records, spare, count] = [0, 1, 2]
    const end = f.local(i32)
    const counts = f.local(i32)
    f.get(count).i32(few).op(i32LeS)
    f.if(
      () => {
        f.get(count).i32(0).op(i32GtU)
        f.if(() => {
          f.get(records).get(count).i32(record.bytes).op(i32Mul).op(i32Add).set(end)
          insertion(f, records, end)
        })
      },
      () => {
        f.globalGet(scratch).i32(routineScratch.offset).op(i32Add).set(counts)
        radix(f, records, spare, count, counts)
      },
    )
    f.get(records)
  },
}

export const sortRoutines: readonly RoutineDefinition[] = [sortRecords]
