import { f64, i32, i64, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import { type LaneEmitter, shared } from './lane-emitter.js'
import { maddD } from './polynomial.js'
import { where } from './rare.js'
import { abs, double, gtI, keep, lowWords, narrowPair, subD, type Term, widenHigh, widenLow, word } from './term.js'

/** x = quarter * pi / 2 + r, modulo 2 pi. */
export interface Angle {
  readonly quarter: Local
  readonly r: Local
}

const magic = 1.5 * 2 ** 52

// pi / 2 in two parts, of which the first has so few bits that its multiples are exact.
const quarterHigh = 1.5707963267341256
const quarterLow = 6.077100506506192e-11

/** The bits of 2^20: up to there two parts of pi / 2 are enough. */
const reachBits = 0x49800000
const infinityBits = 0x7f800000

/** Reduces two elements: the number of quarters plus `magic`, and the rest. */
const reduceD = (e: LaneEmitter, x: Term): { readonly shifted: Local; readonly r: Term } => {
  const { f } = e
  const wide = keep(f, x)
  const shifted = keep(f, maddD(e, wide, double(2 / Math.PI), double(magic)))
  const n = keep(f, subD(shifted, double(magic)))
  return { shifted, r: maddD(e, n, double(-quarterLow), maddD(e, n, double(-quarterHigh), wide)) }
}

// 2 / pi in 256 bits, of which the first eight are zero (Payne and Hanek, "Radian reduction for trigonometric functions", 1983).
const twoOverPi = [
  [0x00a2f983, 0x6e4e4415],
  [0x29fc2757, 0xd1f534dd],
  [0xc0db6295, 0x993c4390],
  [0x41fe5163, 0xabdebbc5],
] as const

/** (bits of a float32 of at least 2^20) to its rest and its quarters: a product with those bits of 2 / pi that matter. */
const emitReduceLarge = ({ f }: LaneEmitter): void => {
  const bits = 0
  const [start, shift, upper] = [f.local(i32), f.local(i32), f.local(i32)]
  const [significand, product, low] = [f.local(i64), f.local(i64), f.local(i64)]
  const wordOf = (k: number): void => {
    const [high, rest] = twoOverPi[k]!
    f.i32(high!).op(code.i64ExtendI32U).i32(32).op(code.i64ExtendI32U).op(code.i64Shl)
    f.i32(rest!).op(code.i64ExtendI32U).op(code.i64Or)
  }
  // Word number k, or the next one where the bits begin in the second.
  const wordAt = (k: number): void => {
    wordOf(k + 1)
    wordOf(k)
    f.get(upper).select()
  }
  const amount = (): void => {
    f.get(shift).op(code.i64ExtendI32U)
  }
  /** 64 bits from number `shift` of word k on. */
  const window = (k: number): void => {
    wordAt(k)
    amount()
    f.op(code.i64Shl)
    wordAt(k + 1)
    f.i32(1).op(code.i64ExtendI32U).op(code.i64ShrU).i32(63).op(code.i64ExtendI32U)
    amount()
    f.op(code.i64Sub).op(code.i64ShrU).op(code.i64Or)
  }
  const shiftBy = (by: number, op: number): void => {
    f.i32(by).op(code.i64ExtendI32U).op(op)
  }
  // What lies before these bits gives whole turns.
  f.get(bits).i32(23).op(code.i32ShrU).i32(255).op(code.i32And).i32(144).op(code.i32Sub).tee(start)
  f.i32(63).op(code.i32And).set(shift).get(start).i32(64).op(code.i32GeU).set(upper)
  f.get(bits).i32(0x7fffff).op(code.i32And).i32(0x800000).op(code.i32Or).op(code.i64ExtendI32U).set(significand)
  window(1)
  shiftBy(32, code.i64ShrU)
  f.get(significand).op(code.i64Mul)
  shiftBy(32, code.i64ShrU)
  f.set(low)
  window(0)
  f.get(significand).op(code.i64Mul).get(low).op(code.i64Add).set(product)
  // The upper two bits are the quarters, rounded to nearest; the others the rest, with a sign.
  f.get(product).i32(1).op(code.i64ExtendI32U)
  shiftBy(61, code.i64Shl)
  f.op(code.i64Add)
  shiftBy(62, code.i64ShrU)
  f.set(low).get(product).get(low)
  shiftBy(62, code.i64Shl)
  f.op(code.i64Sub)
    .op(code.f64ConvertI64S)
    .f64((Math.PI / 2) * 2 ** -62)
    .op(code.f64Mul)
    .get(low)
    .op(code.i32WrapI64)
}

/** Reduces all lanes: (x, rest, quarters) where the last two are right for smaller numbers. */
const emitReduceAny = (e: LaneEmitter): void => {
  const { f } = e
  const [x, r, quarter] = [0, 1, 2]
  const large = shared(e, 'angle of a large number', [i32], [f64, i32], emitReduceLarge)
  const [bits, count, rest] = [f.local(i32), f.local(i32), f.local(f64)]
  for (let lane = 0; lane < 4; lane++) {
    f.get(x).lane(code.f32x4ExtractLane, lane).op(code.f32Abs).op(code.i32ReinterpretF32).tee(bits)
    f.i32(infinityBits).op(code.i32GeU)
    f.if(
      () => f.get(r).f32(NaN).lane(code.f32x4ReplaceLane, lane).set(r),
      () => {
        f.get(bits).i32(reachBits).op(code.i32GeU)
        f.if(() => {
          f.get(bits).call(large).set(count).set(rest)
          f.get(x).lane(code.i32x4ExtractLane, lane).i32(0).op(code.i32LtS)
          f.if(() => {
            f.get(rest).op(code.f64Neg).set(rest).i32(0).get(count).op(code.i32Sub).set(count)
          })
          f.get(r).get(rest).op(code.f32DemoteF64).lane(code.f32x4ReplaceLane, lane).set(r)
          f.get(quarter).get(count).lane(code.i32x4ReplaceLane, lane).set(quarter)
        })
      },
    )
  }
  f.get(r).get(quarter)
}

/** Reduces any numbers; the rest of infinities and NaN is NaN. */
export const reduceAngle = (e: LaneEmitter, x: Local): Angle => {
  const { f } = e
  const low = reduceD(e, widenLow(x))
  const high = reduceD(e, widenHigh(x))
  const r = keep(f, narrowPair(low.r, high.r))
  const quarter = keep(f, lowWords(low.shifted, high.shifted))
  where(e, gtI(abs(x), word(reachBits - 1)), () => {
    f.get(x).get(r).get(quarter)
    f.call(shared(e, 'angle', [v128, v128, v128], [v128, v128], emitReduceAny))
      .set(quarter)
      .set(r)
  })
  return { quarter, r }
}
