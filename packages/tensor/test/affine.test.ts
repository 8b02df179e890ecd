import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { atomIndex, axisIndex, constant, divmod, indexKey, scale, shift, sum, zero } from '../src/kernel/affine.js'
import type { Index } from '../src/kernel/ir.js'
import { axesOf, broadcastView, flatOf, viewOfAxes, viewOfFlat } from '../src/kernel/view.js'

type I = Index<number>

/** What an index is at a point of the loops. */
const at = (x: I, point: readonly number[]): number =>
  x.terms.reduce((total, { atom, factor }) => {
    if (atom.kind === 'value') throw new TypeError('no values in these tests')
    const of = atom.kind === 'axis' ? point[atom.axis]! : at(atom.of, point)
    // As the devices compute it: division truncates.
    return total + factor * (atom.kind === 'axis' ? of : atom.kind === 'div' ? Math.trunc(of / atom.by) : of % atom.by)
  }, x.offset)

const points = (extents: readonly number[]): number[][] =>
  extents.reduce<number[][]>((all, n) => all.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]])
const least = (x: I, extents: readonly number[]): number => Math.min(...points(extents).map((p) => at(x, p)))

const extents = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
type Step = {
  readonly kind: 'axis' | 'scale' | 'shift' | 'sum' | 'div' | 'mod'
  readonly a: number
  readonly k: number
}
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('axis', 'axis', 'scale', 'shift', 'sum', 'div', 'mod'),
  a: fc.nat(9),
  k: fc.integer({ min: -5, max: 6 }),
})

/** An index that views over views might build; what is divided is made non-negative, as views do. */
const build = (loops: readonly number[], steps: readonly Step[]): I => {
  const made: I[] = [axisIndex(0)]
  const pick = (n: number): I => made[n % made.length]!
  const natural = (x: I): I => shift(x, Math.max(0, -least(x, loops)))
  for (const { kind, a, k } of steps) {
    const x = pick(a)
    if (kind === 'axis') made.push(axisIndex(a % loops.length))
    else if (kind === 'scale') made.push(scale(x, k))
    else if (kind === 'shift') made.push(shift(x, k))
    else if (kind === 'sum') made.push(sum(x, made[made.length - 1]!))
    else made.push(divmod(natural(x), Math.abs(k) + 1, loops)[kind === 'div' ? 0 : 1])
  }
  return made[made.length - 1]!
}
const index = fc
  .tuple(extents, fc.array(step, { maxLength: 8 }))
  .map(([loops, steps]) => [loops, build(loops, steps)] as const)

describe('an index', () => {
  test('keeps its terms merged and sorted', () => {
    const [i, j] = [axisIndex(0), axisIndex(1)]
    expect(sum(sum(i, j), scale(i, -1))).toEqual(j)
    expect(indexKey(sum(j, i))).toBe(indexKey(sum(i, j)))
    expect(sum(scale(i, 2), scale(i, 3))).toEqual(scale(i, 5))
    expect(scale(i, 0)).toEqual(zero)
    expect(sum(constant(2), constant(3))).toEqual(constant(5))
    expect(indexKey(scale(i, 2))).not.toBe(indexKey(scale(j, 2)))
  })

  test('scaled by a negative number is never -0', () => {
    expect(Object.is(scale(constant(0), -1).offset, 0)).toBe(true)
    expect(Object.is(scale(axisIndex(0), -1).offset, 0)).toBe(true)
  })

  test.prop([index, fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 })], { numRuns: 200 })(
    'scales, shifts and adds as numbers do',
    ([loops, x], k, by) => {
      for (const p of points(loops)) {
        expect(at(scale(x, k), p) + 0).toBe(at(x, p) * k + 0)
        expect(at(shift(x, by), p)).toBe(at(x, p) + by)
        expect(at(sum(x, axisIndex(0)), p)).toBe(at(x, p) + p[0]!)
        expect(at(sum(x, scale(x, -1)), p) + 0).toBe(0)
      }
    },
  )
})

describe('quotient and remainder', () => {
  test('vanish where the loops allow it', () => {
    // i * 4 + j with j below 4.
    const x = sum(scale(axisIndex(0), 4), axisIndex(1))
    expect(divmod(x, 4, [3, 4])).toEqual([axisIndex(0), axisIndex(1)])
    expect(divmod(x, 1, [3, 4])).toEqual([x, zero])
    expect(divmod(axisIndex(0), 4, [4])).toEqual([zero, axisIndex(0)])
    expect(divmod(axisIndex(0), 4, [5])[1]).toEqual(atomIndex({ kind: 'mod', of: axisIndex(0), by: 4 }))
  })

  test('are right where the index falls', () => {
    const x = shift(scale(axisIndex(0), -1), 7)
    const [q, r] = divmod(x, 4, [8])
    expect(points([8]).map((p) => [at(q, p), at(r, p)])).toEqual([
      [1, 3],
      [1, 2],
      [1, 1],
      [1, 0],
      [0, 3],
      [0, 2],
      [0, 1],
      [0, 0],
    ])
  })

  test.prop([index, fc.integer({ min: 1, max: 7 }), fc.nat(9)], { numRuns: 600 })(
    'are those of whole numbers wherever the index is not negative, as it is behind the guards of a pad',
    ([loops, x], by, below) => {
      const partly = shift(x, -least(x, loops) - below)
      const [q, r] = divmod(partly, by, loops)
      for (const p of points(loops).filter((point) => at(partly, point) >= 0)) {
        const n = at(partly, p)
        expect([at(q, p), at(r, p)]).toEqual([Math.floor(n / by), n % by])
      }
    },
  )
})

describe('a view', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })

  test.prop([shapes])('has one offset and one index per axis, each made of the other', (shape) => {
    const loops = shape.filter((d) => d !== 1)
    let axis = 0
    const view = viewOfAxes(
      shape,
      shape.map((d) => (d === 1 ? zero : axisIndex(axis++))),
    )
    const flat = flatOf(view)
    points(loops).forEach((p, offset) => expect(at(flat, p)).toBe(offset))
    const back = axesOf(viewOfFlat(shape, flat), loops)
    for (const p of points(loops)) expect(back.map((x) => at(x, p))).toEqual(view.axes!.map((x) => at(x, p)))
  })

  test.prop([shapes, fc.nat(15)])('of an operand that broadcasts stays at 0 where the extent is 1', (shape, bits) => {
    const small = shape.map((d, i) => ((bits >> i) & 1 ? 1 : d)).slice(shape.length > 2 ? 1 : 0)
    const total = shape.reduce((a, b) => a * b, 1)
    const view = broadcastView(viewOfFlat(shape, axisIndex(0)), small, [total])
    const offset = flatOf(view)
    for (let p = 0; p < total; p++) {
      let rest = p
      const position = [...shape]
        .reverse()
        .map((d) => {
          const k = rest % d
          rest = Math.floor(rest / d)
          return k
        })
        .reverse()
        .slice(shape.length - small.length)
      expect(at(offset, [p])).toBe(small.reduce((o, d, i) => o * d + (d === 1 ? 0 : position[i]!), 0))
    }
  })
})
