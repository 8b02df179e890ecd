import { psum } from '@linum/autodiff'
import { rest } from '@linum/filters'
import { BatchStat, mapState, Module, Param, split, Variable, type VariableState } from '@linum/graph'
import { array, ones, stack, tanh, type Tensor, zeros } from '@linum/tensor'
import {
  Carry,
  cond,
  customVjp,
  evalShape,
  foriLoop,
  grad,
  jit,
  jvp,
  remat,
  scan,
  StateAxes,
  switchCase,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { decode, load, treeMismatch } from './fixture.js'
import { Count } from './models.js'

interface Case {
  readonly name: string
  readonly result: unknown
  readonly state: unknown
}

const cases = new Map(load<Case>(import.meta.url, 'transforms').map((c) => [c.name, c]))
const inputs = decode(cases.get('inputs')!.result) as { readonly [K in 'w' | 'b' | 'x' | 'ws' | 'bs']: Tensor }
const { x } = inputs

class Model extends Module {
  w: Param
  b: Param
  mean: BatchStat
  calls: Count
  constructor(w: Tensor, b: Tensor) {
    super()
    this.w = new Param(w)
    this.b = new Param(b)
    this.mean = new BatchStat(b.mul(0))
    this.calls = new Count(zeros([], { dtype: 'int32' }))
  }
  forward(x: Tensor): Tensor {
    const h = tanh(x.matmul(this.w).add(this.b))
    this.mean.value = this.mean.mul(0.9).add(h.mean({ axis: 0 }).mul(0.1))
    this.calls.update((n) => n.add(1))
    return h
  }
}

const tensorOf = (v: Variable | VariableState): Tensor => v.asTensor()
const stateOf = (m: Model): unknown => ({
  w: tensorOf(m.w),
  b: tensorOf(m.b),
  mean: tensorOf(m.mean),
  calls: tensorOf(m.calls),
})
const gradients = (g: { readonly w: VariableState; readonly b: VariableState }): unknown => ({
  w: tensorOf(g.w),
  b: tensorOf(g.b),
})

const still = (_: Model, x: Tensor): Tensor => x
const once = (m: Model, x: Tensor): Tensor => m.forward(x)
const twice = (m: Model, x: Tensor): Tensor => m.forward(m.forward(x))
const loss = (m: Model, x: Tensor): Tensor => m.forward(x).square().mean()
const stacked = (): Model => vmap((w: Tensor, b: Tensor) => new Model(w, b))(inputs.ws, inputs.bs)
const rows = (m: Model, x: Tensor): Tensor => m.forward(x.reshape([1, 2])).reshape([2])
const overLayers = scan(once, { inAxes: [0, Carry], outAxes: Carry })

const custom: (m: Model, x: Tensor) => Tensor = customVjp(
  (m: Model, x: Tensor) => once(m, x).sum(),
  (m, x) => [custom(m, x), [m.w.value, x] as const] as const,
  ([w, x], [[updates], out]) => [
    mapState(
      ([key], leaf) =>
        (leaf as VariableState).replace(
          key === 'w' ? w.mul(10).mul(out) : key === 'b' ? x.sum({ axis: 0 }).mul(out) : zeros([2]),
        ),
      updates as never,
    ),
    x.mul(out).mul(3),
  ],
)

const programs: Readonly<Record<string, (m: Model) => unknown>> = {
  cond_true: (m) => cond(array(1), once, still, m, x),
  cond_false: (m) => cond(array(0), once, still, m, x),
  grad_of_cond: (m) =>
    gradients(
      grad((m: Model, x: Tensor) => cond(x.sum().greater(100), still, twice, m, x).square().mean())(m, x) as never,
    ),
  switch_last: (m) => switchCase(5, [still, once, twice], m, x),
  while_three: (m) =>
    whileLoop(
      ([, , n]) => n.greater(0),
      ([m, y, n]): readonly [Model, Tensor, Tensor] => [m, m.forward(y), n.sub(1)],
      [m, x, array(3, { dtype: 'int32' })] as readonly [Model, Tensor, Tensor],
    )[1],
  fori_four: (m) =>
    foriLoop(0, 4, (i, [m, y]): readonly [Model, Tensor] => [m, m.forward(y).add(i)], [m, x] as readonly [
      Model,
      Tensor,
    ])[1],
  grad_of_remat: (m) => {
    const [value, grads] = valueAndGrad(remat(loss))(m, x)
    return [value, gradients(grads)]
  },
  vjp: (m) => {
    const [out, back] = vjp(once, [m, x])
    const [gm, gx] = back(ones([3, 2]))
    return [out, gradients(gm), gx]
  },
  jvp: (m) => [...jvp(once, [m, x], [{ w: ones([2, 2]), b: ones([2]).mul(2) }, ones([3, 2])])],
  custom_vjp: (m) => {
    const [gm, gx] = grad(custom, { argnums: [0, 1] })(m, x)
    return [gradients(gm), gx]
  },
  vmap_of_models: () => {
    const layers = stacked()
    return [vmap(once, { inAxes: [0, null] })(layers, x), stateOf(layers)]
  },
  vmap_state_axes: () => {
    const layers = stacked()
    const axes = new StateAxes([
      [Param, 0],
      [BatchStat, 0],
      [Count, 0],
    ])
    const y = vmap((m: Model, x: Tensor) => m.forward(x).mul(2), { inAxes: [axes, 1], outAxes: 1 })
    return [y(layers, stack([x, x, x, x], { axis: 1 })), stateOf(layers)]
  },
  vmap_axis_name: () => vmap((x: Tensor) => x.div(psum(x.abs(), 'batch')), { axisName: 'batch' })(x),
  scan_over_layers: () => {
    const layers = stacked()
    return [overLayers(layers, x), stateOf(layers)]
  },
  scan_reversed_with_outputs: () => {
    const layers = stacked()
    const step = (m: Model, x: Tensor): readonly [Tensor, Tensor] => {
      const y = m.forward(x)
      return [y, y.sum()]
    }
    const run = scan(step, { inAxes: [0, Carry], outAxes: [Carry, 0], reverse: true })
    return [...run(layers, x), stateOf(layers)]
  },
  scan_with_a_carried_model: (m) => {
    const [same, ys] = scan((m: Model, x: Tensor): readonly [Model, Tensor] => [m, rows(m, x)])(m, x)
    expect(same).toBe(m)
    return ys
  },
  scan_with_carried_state: (m) => {
    const axes = new StateAxes([
      [Param, null],
      [rest, Carry],
    ])
    return scan(rows, { inAxes: [axes, 0], outAxes: 0 })(m, x)
  },
  grad_of_scan: () => gradients(grad((m: Model) => overLayers(m, x).square().mean())(stacked())),
  metadata: () => {
    const make = (w: Tensor): Model => {
      const m = new Model(w, zeros([2]))
      m.w.setMetadata({ sharding: ['in', 'out'] })
      return m
    }
    return vmap(make, { transformMetadata: { partitionName: 'layers' } })(inputs.ws).w.metadata['sharding']
  },
  eval_shape: () => {
    const abstract = evalShape(() => new Model(inputs.w, inputs.b))
    return Object.fromEntries(
      (['w', 'b', 'mean', 'calls'] as const).map((key) => [key, (abstract[key].value as { shape: unknown }).shape]),
    )
  },
}

describe('the numbers and the state of Flax', () => {
  it('every case has a program', () => {
    expect(Object.keys(programs).sort()).toEqual([...cases.keys()].filter((name) => name !== 'inputs').sort())
  })

  for (const [name, program] of Object.entries(programs)) {
    it(name, async () => {
      const { result, state } = cases.get(name)!
      const m = new Model(inputs.w, inputs.b)
      const tolerance = { rtol: 2e-5, atol: 1e-6 }
      expect(await treeMismatch(program(m), result, tolerance)).toBe(null)
      expect(await treeMismatch(stateOf(m), state, tolerance)).toBe(null)
    })
  }

  it('and the same inside jit', async () => {
    for (const name of [
      'cond_true',
      'while_three',
      'fori_four',
      'grad_of_remat',
      'vjp',
      'jvp',
      'custom_vjp',
      'scan_with_carried_state',
    ]) {
      const m = new Model(inputs.w, inputs.b)
      const run = jit((m: Model) => programs[name]!(m))
      const out = run(m)
      expect([name, await treeMismatch(out, cases.get(name)!.result, { rtol: 2e-5, atol: 1e-6 })]).toEqual([name, null])
      expect(await treeMismatch(stateOf(m), cases.get(name)!.state, { rtol: 2e-5, atol: 1e-6 })).toBe(null)
    }
    expect(split(new Model(inputs.w, inputs.b))[0].numLeaves).toBe(4)
  })
})
