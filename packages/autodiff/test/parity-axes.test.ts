import { allGather, axisIndex, axisSize, checkpoint, grad, jvp, pmax, pmean, pmin, psum, vmap } from '@linum/autodiff'
import { arange, array, cond, jit, outer, scan, type Tensor, tree, whileLoop } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import { decode, first, guarded, labelled, load, parity, type Tolerance, treeMismatch } from './fixture.js'

type Entry = (x: Tensor) => unknown

const loss = (x: Tensor): Tensor => psum(x.sin(), 'i').mul(x)

const inner = jit((v: Tensor) => psum(v.sin(), 'i').mul(v).add(axisIndex('i')))

const functions: Readonly<Record<string, Entry>> = {
  normalize: (x) => {
    const centred = x.sub(pmean(x, 'i'))
    return centred.div(pmean(centred.square(), 'i').add(0.1).sqrt())
  },
  softmax: (x) => {
    const shifted = x.sub(pmax(x.stopGradient(), 'i')).exp()
    return shifted.div(psum(shifted, 'i'))
  },
  spread: (x) => ({ range: pmax(x, 'i').sub(pmin(x, 'i')), above: x.sub(pmin(x, 'i')) }),
  numbered: (x) => x.mul(axisIndex('i')).add(psum(1, 'i')),
  gathered: (x) => (x.ndim > 0 ? allGather(x, 'i').matmul(arange(2).astype('float32')) : allGather(x, 'i').mul(x)),
  side: (x) => allGather(outer(x, x), 'i', { axis: 1 }),
  tiled: (x) => allGather(x.sin(), 'i', { axis: 0, tiled: true }),
  constant: (x) =>
    psum(array(3), 'i')
      .add(pmean(x, 'i').mul(0))
      .add(pmax(array(2), 'i')),
  integers: (x) => psum(x, 'i').add(axisIndex('i')),
  compiled: (x) => inner(x).add(inner(x.mul(2))),
  looped: (x) =>
    scan(
      (c: Tensor, s: Tensor) => [c.add(s.mul(pmean(c, 'i'))).tanh(), psum(c, 'i')] as const,
      x,
      array([1, 0.5, -0.2]),
    ),
  chosen: (x) =>
    cond(
      psum(x, 'i').greater(0),
      (v: Tensor) => v.mul(pmean(v, 'i')),
      (v: Tensor) => v.sub(pmean(v, 'i')),
      x,
    ),
  until: (x) =>
    whileLoop(
      (v: Tensor) => psum(v, 'i').less(20),
      (v) => v.mul(1.5).add(axisIndex('i')),
      x,
    ),
  gradient: (x) => grad(loss)(x),
  second: (x) => grad((v: Tensor) => grad(loss)(v).square())(x),
  meanGradient: (x) => pmean(grad((v: Tensor) => v.sin().mul(pmean(v, 'i')))(x), 'i'),
  gatherGradient: (x) =>
    grad((v: Tensor) =>
      allGather(v, 'i')
        .mul(array([1, 2, 3]))
        .mul(v)
        .sum(),
    )(x),
  forward: (x) => jvp((v: Tensor) => psum(v.sin(), 'i').mul(v), [x], [x.cos()]),
  rematerialized: (x) => grad(checkpoint((v: Tensor) => psum(v.sin(), 'i').mul(v.cos())))(x),
  shadowed: (x) => vmap((v: Tensor) => psum(v.mul(x), 'i'), { axisName: 'i' })(array([1, 2])),
  pair: (x) =>
    psum(x, ['i', 'j'])
      .add(psum(x, 'i').mul(axisIndex('j')))
      .add(pmax(x.stopGradient(), 'j')),
  corner: (x) => x.add(axisIndex(['i', 'j']).mul(10)).add(pmean(x, ['i', 'j']).mul(axisSize('i'))),
  pairGradient: (x) => grad((v: Tensor) => psum(v.mul(v), ['i', 'j']).mul(psum(v, 'j')))(x),
}

interface AxisCase extends Tolerance {
  readonly kind: 'one' | 'grad' | 'two' | 'gradTwo'
  readonly fn: string
  readonly x: unknown
  readonly expect: unknown
}

const total = (x: unknown): Tensor =>
  tree.reduce((sum: Tensor, t: Tensor) => (isFloat(t.dtype) ? sum.add(t.sin().sum()) : sum), x, array(0))

const mapped = (f: Entry, kind: AxisCase['kind']): Entry => {
  if (kind === 'one' || kind === 'grad') return vmap(f, { axisName: 'i' })
  return vmap(vmap(f, { axisName: 'j' }), { axisName: 'i' })
}

const cases = load<AxisCase>(import.meta.url, 'axes')
const run = (c: AxisCase): Promise<string | null> =>
  guarded(() => {
    const f = functions[c.fn]
    if (f === undefined) throw new TypeError(`${c.fn} has no twin here`)
    const x = decode(c.x) as Tensor
    const whole = (g: Entry): Entry =>
      c.kind === 'one' || c.kind === 'two'
        ? mapped(g, c.kind)
        : (v) => grad((w: Tensor) => total(mapped(g, c.kind)(w)))(v)
    const check = (how: string, g: Entry) => (): Promise<string | null> =>
      labelled(how, treeMismatch(g(x), c.expect, c))
    return first(
      check('vmap', whole(f)),
      check('of a jitted function', whole(jit(f as never) as Entry)),
      check('in a jitted function', jit(whole(f) as never) as Entry),
      check('of a checkpointed function', whole(checkpoint(f))),
    )
  })

parity('functions that look across entries', cases, run)
