import { rest } from '@linum/filters'
import { Param } from '@linum/graph'
import { array, type Tensor } from '@linum/tensor'
import { Carry, scan, type ScanOptions, StateAxes } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Foo, numbers, param, thrown } from './models.js'

const p = (m: Foo): Param => m.p as Param
const row = (...xs: readonly number[]): Tensor => array([...xs]).astype('float32')
const f32 = (x: number): Tensor => array(x).astype('float32')

describe('what makes no sense is refused', () => {
  const two = (c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [c, x]
  // Most of these do not compile.
  const said = (options: object, f: (...args: never[]) => unknown = two, ...args: readonly unknown[]): string =>
    thrown(() =>
      scan(
        f as (...args: unknown[]) => unknown,
        options as ScanOptions,
      )(...(args.length === 0 ? [f32(0), row(1, 2)] : args)),
    )

  it.each<readonly [string, string]>([
    [
      said({ inAxes: [[Carry], 0] }),
      'GraphError: scan: Carry must at the top-level, it cannot be nested. Found axes=[[Carry], 0]',
    ],
    [
      said({ inAxes: [{ c: Carry }, 0] }),
      'GraphError: scan: Carry must at the top-level, it cannot be nested. Found axes=[{ c: Carry }, 0]',
    ],
    [
      said({ outAxes: [[Carry], 0] }),
      'GraphError: scan: Carry must at the top-level, it cannot be nested. Found axes=[[Carry], 0]',
    ],
    [said({ inAxes: [Carry, Carry] }), 'GraphError: scan: Found multiple Carry definitions at inAxes[0] and inAxes[1]'],
    [
      said({ outAxes: [0, Carry, Carry] }),
      'GraphError: scan: Found multiple Carry definitions at outAxes[1] and outAxes[2]',
    ],
    [
      said({ inAxes: [0, 0] }),
      'GraphError: scan: If one of inAxes or outAxes has Carry, the other must also have Carry. Got inAxes=[0, 0], outAxes=[Carry, 0]',
    ],
    [
      said({ outAxes: 0 }),
      'GraphError: scan: If one of inAxes or outAxes has Carry, the other must also have Carry. Got inAxes=[Carry, 0], outAxes=0',
    ],
    [
      said({ inAxes: Carry, outAxes: Carry }),
      'GraphError: scan: When inAxes=Carry, the function must take exactly one argument, got 2 arguments.',
    ],
    [
      said({ outAxes: [Carry, null] }),
      'GraphError: scan: Cannot broadcast output state. Got outAxes=null at: outAxes[1]; give an axis',
    ],
    [
      said({ outAxes: [Carry, [0, null]] }),
      'GraphError: scan: Cannot broadcast output state. Got outAxes=null at: outAxes[1][1]; give an axis',
    ],
    [
      said({ inAxes: [0, 0], outAxes: null }),
      'GraphError: scan: Cannot broadcast output state. Got outAxes=null at: outAxes; give an axis',
    ],
    [
      said({ outAxes: [Carry, new StateAxes([[rest, null]])] }),
      'GraphError: scan: Cannot broadcast output state. Got StateAxes with null at: outAxes[1]; give an axis',
    ],
    [
      said({ outAxes: [Carry, new StateAxes([[rest, Carry]])] }),
      'GraphError: scan: Cannot carry output state. Got StateAxes with Carry at: outAxes[1]; give an axis',
    ],
    [
      said({}, two, f32(0), 3),
      'TypeError: scan: Expected an array, got number args[1]; give null for what every step sees whole',
    ],
    [
      said({}, two, f32(0), { x: [row(1), 3] }),
      "TypeError: scan: Expected an array, got number args[1]['x'][1]; give null for what every step sees whole",
    ],
    [said({ inAxes: [Carry, 0, 0] }), 'TypeError: scan(two): inAxes must give one axis per argument, got 3 for 2'],
    [
      said({ inAxes: Carry, outAxes: Carry }, (c) => c, f32(0)),
      'TypeError: scan got no values to scan over and length not provided.',
    ],
    [said({ length: 3 }), 'ShapeError: scan: got different leading axis sizes, 3 and 2'],
    [
      said({}, ((c: Tensor) => c) as never),
      'TypeError: scan(anonymous): the function must return an array with one item per entry of outAxes, got object',
    ],
  ])('%s', (got, want) => {
    expect(got).toBe(want)
  })

  it('StateAxes for what is no module', () => {
    expect(said({ inAxes: [Carry, new StateAxes([[rest, 0]])] })).toMatch(
      /^GraphError: .*Cannot use StateAxes on non-graph nodes, found one for the top; give a number or null$/,
    )
  })

  it('one Variable with two axes, among arguments and in the result', () => {
    const v = new Param(row(1, 2))
    const [a, b] = [new Foo({ p: v }), new Foo({ p: v })]
    const head =
      'GraphError: scan(f): Inconsistent aliasing detected. The following nodes have different prefixes:\nNode: Param\n'
    const f = (c: unknown, _: unknown): unknown => [c, null]
    expect(thrown(() => scan(f)(a, b))).toBe(`${head}  0/p: Carry\n  1/p: 0`)
    const f2 = { f: (m: Foo): unknown => m.p }.f
    expect(thrown(() => scan(f2, { inAxes: [0], outAxes: 1 })(a))).toBe(`${head}  0/p: 0\n  result: 1`)
  })

  it('an error in the body, which leaves everything as it was', () => {
    const m = new Foo({ p: param(1) })
    expect(() =>
      scan(
        (m: Foo) => {
          p(m).value = f32(5)
          throw new RangeError('stop')
        },
        { inAxes: [null], outAxes: 0, length: 2 },
      )(m),
    ).toThrow(new RangeError('stop'))
    expect(numbers(m.p)).toBe(1)
  })
})
