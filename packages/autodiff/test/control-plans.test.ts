import { grad, jvp, valueAndGrad, vmap } from '@linum/autodiff'
import {
  array,
  foriLoop,
  iota,
  makeProgram,
  matmul,
  ones,
  printProgram,
  type Program,
  scan,
  sin,
  tanh,
  Tensor,
  tril,
  where,
  zeros,
} from '@linum/tensor'
import { describe, expect, it } from 'vitest'

/** The scans of a gradient's program: the pass forward, then the pass back. */
const passes = (p: Program): readonly Extract<Program['equations'][number], { primitive: 'scan' }>[] =>
  p.equations.flatMap((e) => (e.primitive === 'scan' ? [e] : []))

const types = (atoms: readonly Program['outputs'][number][]): readonly string[] =>
  atoms.map((a) => `${a.aval.dtype}[${a.aval.shape.join()}]`)

const names = (p: Program): readonly string[] => p.equations.map((e) => e.primitive)

describe('what the pass back needs of the pass forward', () => {
  const n = 7
  const rows = ones([n, 3])

  it('is kept once per step, and only what changes with the steps', () => {
    const f = (w: Tensor, c: Tensor): Tensor =>
      scan((c: Tensor, x: Tensor) => [tanh(matmul(w, c).add(x)), null] as const, c, rows)[0].sum()
    const [forward, back] = passes(makeProgram(grad(f, { argnums: [0, 1] }))(ones([3, 3]), ones([3])))
    // The last carry; then each step's tanh and the carry before it.
    expect(types(forward!.outputs)).toEqual(['float32[3]', 'float32[7,3]', 'float32[7,3]'])
    // The matrix is one whole operand of the pass back, not one per step.
    expect([back!.params.constants, back!.params.reverse]).toEqual([1, true])
    expect(types(back!.inputs)).toEqual(['float32[3,3]', 'float32[3]', 'float32[3,3]', 'float32[7,3]', 'float32[7,3]'])
    expect(names(back!.params.body)).not.toContain('tanh')
  })

  it('scanned values are read again, results that exist already are not kept twice', () => {
    const f = (c: Tensor, xs: Tensor): Tensor => {
      const [last, ys] = scan((c: Tensor, x: Tensor) => [c.mul(x), tanh(x)] as const, c, xs)
      return last.sum().add(ys.sum())
    }
    const [forward, back] = passes(makeProgram(grad(f, { argnums: [0, 1] }))(ones([3]), rows))
    // The last carry, the results, and the carry before each step.
    expect(types(forward!.outputs)).toEqual(['float32[3]', 'float32[7,3]', 'float32[7,3]'])
    expect(back!.inputs).toContain(forward!.outputs[1])
    const scanned = forward!.inputs[forward!.inputs.length - 1]!
    expect(back!.inputs).toContain(scanned)
  })

  it('a carry that is a result as well is kept once', () => {
    const f = (c: Tensor): Tensor =>
      scan(
        (c: Tensor) => {
          const next = tanh(c)
          return [next, next] as const
        },
        c,
        null,
        { length: n },
      )[1].sum()
    const [forward] = passes(makeProgram(grad(f))(ones([3])))
    expect(types(forward!.outputs)).toEqual(['float32[3]', 'float32[7,3]'])
  })

  it('a linear loop keeps nothing', () => {
    const f = (c: Tensor): Tensor =>
      scan((c: Tensor, x: Tensor) => [c.mul(2).add(x), c.sum()] as const, c, rows)[1].sum()
    const [forward, back] = passes(makeProgram(valueAndGrad(f))(ones([3])))
    expect(types(forward!.outputs)).toEqual(['float32[3]', 'float32[7]'])
    expect(types(back!.inputs)).toEqual(['float32[3]', 'float32[7]'])
    // Without the value the pass forward is not run at all.
    expect(passes(makeProgram(grad(f))(ones([3]))).map((e) => e.params.reverse)).toEqual([true])
  })

  it('what the body makes of captured values alone is made before the loop', () => {
    const f = (w: Tensor, c: Tensor): Tensor =>
      scan((c: Tensor) => [tanh(matmul(w.exp().mul(2), c)), null] as const, c, null, { length: n })[0].sum()
    const p = makeProgram(grad(f, { argnums: [0, 1] }))(ones([3, 3]), ones([3]))
    const [forward, back] = passes(p)
    expect(names(p).filter((e) => e === 'exp').length).toBe(1)
    expect(names(p).indexOf('exp')).toBeLessThan(names(p).indexOf('scan'))
    expect(names(forward!.params.body)).toEqual(['dot_general', 'tanh'])
    expect(names(back!.params.body)).not.toContain('exp')
    expect(types(forward!.outputs)).toEqual(['float32[3]', 'float32[7,3]', 'float32[7,3]'])
  })

  it('and so is what it makes of constants, such as a mask', () => {
    const f = (w: Tensor, c: Tensor): Tensor =>
      scan(
        (c: Tensor) =>
          [
            tanh(matmul(where(iota([3, 3], 0).greaterEqual(iota([3, 3], 1)), w, 0).add(tril(ones([3, 3]))), c)),
            null,
          ] as const,
        c,
        null,
        { length: n },
      )[0].sum()
    const [forward, back] = passes(makeProgram(grad(f, { argnums: [0, 1] }))(ones([3, 3]), ones([3])))
    expect(types(forward!.outputs)).toEqual(['float32[3]', 'float32[7,3]', 'float32[7,3]'])
    expect(names(forward!.params.body)).toEqual(['dot_general', 'tanh'])
    expect(types(back!.inputs).filter((t) => t.startsWith('bool'))).toEqual([])
    expect(names(back!.params.body)).not.toContain('select')
  })

  it('what a derivative adds that does not change is not kept per step', () => {
    // The derivative of x^w has w - 1 in it.
    const f = (w: Tensor, x: Tensor): Tensor =>
      scan((c: Tensor, v: Tensor) => [c.pow(w).mul(v), null] as const, x, rows)[0].sum()
    const p = makeProgram((w: Tensor, x: Tensor) =>
      grad((x: Tensor) => jvp((x: Tensor) => f(w, x), [x], [ones([3])])[1])(x),
    )(ones([3]), ones([3]))
    const [forward, back] = passes(p)
    expect(names(forward!.params.body)).not.toContain('sub')
    expect(names(back!.params.body)).not.toContain('sub')
  })

  it('nothing is computed for values that are not asked for', () => {
    const f = (w: Tensor, xs: Tensor): Tensor =>
      scan((c: Tensor, x: Tensor) => [tanh(matmul(c, w).add(matmul(x, w))), null] as const, zeros([3]), xs)[0].sum()
    const count = (p: Program): number => names(p).filter((e) => e === 'dot_general').length
    const products = (argnums: readonly (0 | 1)[]): number =>
      count(passes(makeProgram(grad(f, { argnums }))(ones([3, 3]), rows))[1]!.params.body)
    // For the carry; for the matrix, twice; for the values.
    expect(products([0])).toBe(3)
    expect(products([1])).toBe(2)
    expect(products([0, 1])).toBe(4)
  })

  it('a batch goes through one loop', () => {
    const f = (c: Tensor): Tensor => scan((c: Tensor, x: Tensor) => [tanh(c.add(x)), null] as const, c, rows)[0].sum()
    const [forward, back, ...more] = passes(makeProgram(vmap(grad(f)))(ones([5, 3])))
    expect(types(forward!.outputs)).toEqual(['float32[5,3]', 'float32[7,5,3]'])
    expect(types(back!.outputs)).toEqual(['float32[5,3]'])
    expect(more).toEqual([])
  })

  it('is read from the programs as printed', () => {
    const f = (w: Tensor): Tensor => scan((c: Tensor) => [sin(c).mul(w), null] as const, w, null, { length: 4 })[0]
    expect(printProgram(makeProgram(grad(f))(array(2).astype('float32')))).toBe(`{ lambda ; a:f32[]. let
    b:f32[] c:f32[4] d:f32[4] = scan[body={ lambda ; a:f32[] b:f32[]. let
        c:f32[] = sin b
        d:f32[] = mul c a
      in (d, c, b) } constants=1 carry=1 length=4 reverse=false] a a
    e:f32[] = full[shape=() value=0 dtype=float32 weak=false]
    f:f32[] g:f32[] = scan[body={ lambda ; a:f32[] b:f32[] c:f32[] d:f32[] e:f32[]. let
        f:f32[] = mul b a
        g:f32[] = mul b d
        h:f32[] = cos e
        i:f32[] = mul f h
        j:f32[] = add c g
      in (i, j) } constants=1 carry=2 length=4 reverse=true] a 1:f32[] e c d
    h:f32[] = add g f
  in (h,) }`)
  })
})

describe('the gradient of many steps', () => {
  const bytesOf = (atoms: readonly Program['outputs'][number][]): number =>
    atoms.reduce((sum, a) => sum + 4 * a.aval.shape.reduce((n, d) => n * d, 1), 0)

  const w = ones([8, 8])
  const step = (c: Tensor, x: Tensor): Tensor => tanh(matmul(w, c).add(x)).mul(c)

  const byScan = (n: number): Program =>
    makeProgram(
      grad((c: Tensor, xs: Tensor) => scan((c: Tensor, x: Tensor) => [step(c, x), null] as const, c, xs)[0].sum()),
    )(ones([8]), ones([n, 8]))
  const byFori = (n: number): Program =>
    makeProgram(grad((c: Tensor) => foriLoop(0, n, (i, v: Tensor) => step(v, i.astype('float32')), c).sum()))(ones([8]))

  it.each([
    ['scan', byScan],
    ['foriLoop with numbers for bounds', byFori],
  ])('of %s takes time and memory linear in them', (_, programOf) => {
    const [few, many] = [10, 1000].map((n) => passes(programOf(n)))
    // One pass forward and one back, of as many operations per step, whatever the number of steps.
    const shape = (scans: typeof few): unknown =>
      scans!.map((e) => [names(e.params.body), e.params.constants, e.params.carry])
    expect(few!.length).toBe(2)
    expect(shape(many)).toEqual(shape(few))
    expect(many!.map((e) => e.params.length)).toEqual([1000, 1000])
    // What is kept: per step the carry and its tanh, 8 elements each, and nothing of the matrix.
    const kept = (scans: typeof few, n: number): number =>
      bytesOf(scans![0]!.outputs.filter((o) => o.aval.shape[0] === n))
    expect(kept(few, 10)).toBe(10 * 2 * 8 * 4)
    expect(kept(many, 1000)).toBe(1000 * 2 * 8 * 4)
  })
})
