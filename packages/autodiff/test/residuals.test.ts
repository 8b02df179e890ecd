import { grad, valueAndGrad, vjp } from '@linum/autodiff'
import {
  array,
  jit,
  makeProgram,
  matmul,
  ones,
  type Program,
  relu,
  sin,
  stopGradient,
  tanh,
  type Tensor,
} from '@linum/tensor'
import { BuildTrace, type PrimitiveName, withTrace } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'

interface Halves {
  readonly forward: Program
  readonly backward: Program
}

const programs = <A extends readonly Tensor[]>(f: (...xs: A) => unknown, ...xs: A): readonly Program[] =>
  makeProgram(f)(...xs).equations.flatMap((e) => (e.primitive === 'jit' ? [e.params.program] : []))

/** The two programs that the derivative of a jitted function runs. */
const halves = <A extends readonly Tensor[]>(f: (...xs: A) => unknown, ...xs: A): Halves => {
  const found = programs(f, ...xs)
  expect(found.length).toBe(2)
  return { forward: found[0]!, backward: found[1]! }
}

const names = (p: Program): readonly string[] => p.equations.map((e) => e.primitive)

const shapes = (atoms: Program['outputs']): readonly string[] =>
  atoms.map((a) => `${a.aval.dtype}[${a.aval.shape.join()}]`)

const x = array([1, 2, 3])

describe('the cut of a jitted function', () => {
  it('a linear function keeps nothing', () => {
    const { forward, backward } = halves(valueAndGrad(jit((x: Tensor) => x.mul(3).sum())), x)
    expect(shapes(forward.outputs)).toEqual(['float32[]'])
    expect(shapes(backward.inputs)).toEqual(['float32[]'])
  })

  it('an input that the way back needs is no extra output', () => {
    const { forward, backward } = halves(valueAndGrad(jit((x: Tensor) => sin(x).sum())), x)
    expect(shapes(forward.outputs)).toEqual(['float32[]'])
    expect(shapes(backward.inputs)).toEqual(['float32[3]', 'float32[]'])
    expect(names(backward)).toContain('cos')
  })

  it('an output that the way back needs is kept once', () => {
    const back = (x: Tensor, ct: Tensor): unknown => {
      const [out, pullback] = vjp(
        jit((x: Tensor) => tanh(x)),
        [x],
      )
      return [out, pullback(ct)]
    }
    const { forward, backward } = halves(back, x, x)
    expect(shapes(forward.outputs)).toEqual(['float32[3]'])
    expect(shapes(backward.inputs)).toEqual(['float32[3]', 'float32[3]'])
    expect(names(backward)).not.toContain('tanh')
  })

  it('a value inside is kept once, however often the way back reads it', () => {
    const { forward, backward } = halves(
      valueAndGrad(
        jit((x: Tensor) => {
          const t = tanh(x)
          return t.mul(t).mul(t.sin()).sum()
        }),
      ),
      x,
    )
    expect(names(backward)).not.toContain('tanh')
    // The loss; then t, its square and its sine, which the products read.
    expect(shapes(forward.outputs)).toEqual(['float32[]', 'float32[3]', 'float32[3]', 'float32[3]'])
  })

  it('a choice keeps the condition, not the values', () => {
    const { forward } = halves(valueAndGrad(jit((x: Tensor) => relu(x).sum())), x)
    expect(shapes(forward.outputs)).toEqual(['float32[]', 'bool[3]'])
  })

  it('nothing is computed for operands that are not asked for', () => {
    const f = jit((w: Tensor, x: Tensor) => matmul(x, w).sum())
    const [w, data] = [ones([3, 2]), ones([4, 3])]
    const { forward, backward } = halves(valueAndGrad(f), w, data)
    expect(shapes(forward.outputs)).toEqual(['float32[]'])
    expect(shapes(backward.inputs)).toEqual(['float32[4,3]', 'float32[]'])
    expect(shapes(backward.outputs)).toEqual(['float32[3,2]'])
    expect(names(backward).filter((n) => n === 'dot_general').length).toBe(1)
    const both = halves(valueAndGrad(f, { argnums: [0, 1] }), w, data).backward
    expect(names(both).filter((n) => n === 'dot_general').length).toBe(2)
  })

  it('what is stopped has no way back', () => {
    const { forward, backward } = halves(valueAndGrad(jit((x: Tensor) => stopGradient(sin(x)).mul(x).sum())), x)
    expect(names(backward)).not.toContain('cos')
    expect(shapes(forward.outputs)).toEqual(['float32[]', 'float32[3]'])
  })

  it('where nothing flows back there is no second half', () => {
    const [forward, ...others] = programs(valueAndGrad(jit((x: Tensor) => stopGradient(sin(x)).sum())), x)
    expect(shapes(forward!.outputs)).toEqual(['float32[]'])
    expect(others).toEqual([])
  })

  it('the halves are made once for each choice of operands', () => {
    const f = jit((x: Tensor, y: Tensor) => sin(x).mul(y).sum())
    const [a, b] = [halves(valueAndGrad(f), x, x), halves(valueAndGrad(f), x, x)]
    expect(a.forward).toBe(b.forward)
    expect(a.backward).toBe(b.backward)
    expect(halves(valueAndGrad(f, { argnums: 1 }), x, x).backward).not.toBe(a.backward)
  })
})

describe('a function that is not compiled', () => {
  /** How often a primitive runs, forward and back. */
  const runs = (primitive: PrimitiveName, f: (...xs: readonly Tensor[]) => unknown, ...xs: readonly Tensor[]): number =>
    withTrace(
      (level) => new BuildTrace(level, 'count'),
      (build) => {
        f(...xs.map((x) => build.variable(x.aval).tracer))
        return build.equations.filter((e) => e.primitive === primitive).length
      },
    )

  it('goes back to the operands that are asked for, and to no others', () => {
    const f = (w: Tensor, x: Tensor): Tensor => matmul(x, w).mul(x.sum()).sum()
    const xs = [ones([3, 2]), ones([4, 3])]
    expect(runs('dot_general', f as never, ...xs)).toBe(1)
    expect(runs('dot_general', grad(f) as never, ...xs)).toBe(2)
    expect(runs('dot_general', grad(f, { argnums: 1 }) as never, ...xs)).toBe(2)
    expect(runs('dot_general', grad(f, { argnums: [0, 1] }) as never, ...xs)).toBe(3)
    expect(runs('mul', grad(f) as never, ...xs)).toBe(2)
    expect(runs('mul', grad(f, { argnums: 1 }) as never, ...xs)).toBe(3)
  })

  it('does not record what its arguments have no part in', () => {
    const f = (x: Tensor, y: Tensor): Tensor => x.mul(tanh(y).sin()).sum()
    expect(runs('cos', grad(f) as never, x, x)).toBe(0)
    expect(runs('cos', grad(f, { argnums: 1 }) as never, x, x)).toBe(1)
  })
})
