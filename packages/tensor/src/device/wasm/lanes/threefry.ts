import { v128 } from '../asm/function.js'
import { type LaneEmitter, type Lanes, shared } from './lane-emitter.js'
import { addI, assign, eqI, keep, or, pick, put, shiftLeft, shiftRight, type Term, word, xor } from './term.js'

const parity = 0x1bd11bda
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

const rotated = (x: Term, by: number): Term => {
  const bytes = by / 8
  if (!Number.isInteger(bytes)) return or(shiftLeft(x, by), shiftRight(x, 32 - by))
  // Whole bytes move in one instruction.
  const from = Array.from({ length: 16 }, (_, i) => (i & ~3) + ((i - bytes + 4) & 3))
  return (f) => {
    put(f, x)
    put(f, x).shuffle(from)
  }
}

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011):
 * (key0, key1, counter high, counter low) to both words of the result.
 */
const emitThreefry = ({ f }: LaneEmitter): void => {
  const [k0, k1, c0, c1] = [0, 1, 2, 3]
  const keys = [k0, k1, keep(f, xor(xor(k0, k1), word(parity)))] as const
  const x0 = keep(f, addI(c0, k0))
  const x1 = keep(f, addI(c1, k1))
  for (let i = 0; i < 5; i++) {
    for (const by of rotations[i % 2]!) {
      assign(f, x0, addI(x0, x1))
      assign(f, x1, xor(rotated(x1, by), x0))
    }
    assign(f, x0, addI(x0, keys[(i + 1) % 3]!))
    assign(f, x1, addI(x1, addI(keys[(i + 2) % 3]!, word(i + 1))))
  }
  f.get(x0).get(x1)
}

/** Both words; without `word` their xor, else one of them: the first for 0. */
export const threefry = (e: LaneEmitter, [k0, k1, c0, c1, chosen]: readonly Lanes[]): Lanes => {
  const { f } = e
  const both = shared(e, 'threefry', [v128, v128, v128, v128], [v128, v128], emitThreefry)
  const [first, second] = [f.local(v128), f.local(v128)]
  f.get(k0![0]!).get(k1![0]!).get(c0![0]!).get(c1![0]!).call(both).set(second).set(first)
  return [keep(f, chosen === undefined ? xor(first, second) : pick(eqI(chosen[0]!, word(0)), first, second))]
}
