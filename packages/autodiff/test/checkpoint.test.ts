import {
  checkpoint,
  checkpointName,
  checkpointPolicies,
  type CheckpointPolicy,
  grad,
  jvp,
  valueAndGrad,
  vmap,
} from '@linum/autodiff'
import {
  array,
  jit,
  makeProgram,
  matmul,
  ones,
  type Program,
  random,
  relu,
  scan,
  sin,
  tanh,
  Tensor,
  TraceError,
} from '@linum/tensor'
import { bind, makeSchedule } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { bits } from './readings.js'

const x = array([1, 2, 3])
const { dotsSaveable, dotsWithNoBatchDimsSaveable, everythingSaveable, nothingSaveable } = checkpointPolicies
const { saveAnyNamesButThese, saveFromBothPolicies, saveOnlyTheseNames } = checkpointPolicies

const calls = (p: Program): readonly Program[] =>
  p.equations.flatMap((e) => (e.primitive === 'checkpoint' ? [e.params.program] : []))

const names = (p: Program): readonly string[] => p.equations.map((e) => e.primitive)

const shapes = (atoms: Program['outputs']): readonly string[] =>
  atoms.map((a) => `${a.aval.dtype}[${a.aval.shape.join()}]`)

describe('a checkpointed function', () => {
  const f = (v: Tensor, flag: boolean, key: Tensor): readonly [Tensor, string] => [
    (flag ? sin(v) : v)
      .mul(random.uniform(key, [3]))
      .sin()
      .mul(v)
      .sum(),
    'aux',
  ]
  const key = random.key(0)

  it('has the value, the derivatives and the static parts of the function', () => {
    const plain = jit((v: Tensor) => f(v, true, key)[0])
    const kept = (v: Tensor): Tensor => checkpoint(f)(v, true, key)[0]
    expect(checkpoint(f)(x, true, key)[1]).toBe('aux')
    expect(bits(valueAndGrad(kept)(x))).toEqual(bits(valueAndGrad(plain)(x)))
    expect(bits(jvp(kept, [x], [x]))).toEqual(bits(jvp(plain, [x], [x])))
    expect(bits(jit(valueAndGrad(kept))(x))).toEqual(bits(valueAndGrad(plain)(x)))
    const keys = random.split(key, 2)
    const each = (h: typeof f): unknown => vmap((k: Tensor) => grad((v: Tensor) => h(v, true, k)[0])(x))(keys)
    expect(bits(each(checkpoint(f)))).toEqual(bits(each(f)))
  })

  it('differentiates what it closes over', () => {
    const loss = (w: Tensor): Tensor => checkpoint((v: Tensor) => v.mul(w).sin())(x).sum()
    expect(bits(grad(loss)(x))).toEqual(bits(grad((w: Tensor) => jit((v: Tensor) => v.mul(w).sin())(x).sum())(x)))
  })

  it('keeps its arguments alone, and computes the rest again when the cotangent is there', () => {
    const deep = (v: Tensor): Tensor => tanh(sin(tanh(v))).sum()
    const [forward, backward] = calls(makeProgram(valueAndGrad(checkpoint(deep)))(x))
    expect(shapes(forward!.outputs)).toEqual(['float32[]'])
    expect(shapes(backward!.inputs)).toEqual(['float32[3]', 'float32[]'])
    expect(names(backward!)[0]).toBe('optimization_barrier')
    expect(backward!.equations[0]!.inputs).toEqual(backward!.inputs)
    expect(names(backward!).filter((n) => n === 'tanh').length).toBe(2)
  })

  it('is computed again in the compiled program', () => {
    const layer = (v: Tensor, w: Tensor): Tensor => tanh(tanh(v.matmul(w)).matmul(w))
    const dots = (f: typeof layer): number =>
      makeSchedule(
        makeProgram(valueAndGrad((v: Tensor, w: Tensor) => f(v, w).sum(), { argnums: [0, 1] }))(
          ones([2, 4]),
          ones([4, 4]),
        ),
      ).steps.filter((s) => s.kind === 'routine' && s.routine.name === 'dot').length
    expect(dots(layer)).toBe(6)
    expect(dots(checkpoint(layer))).toBe(8)
    expect(dots(checkpoint(layer, { policy: dotsSaveable }))).toBe(6)
    expect(dots(checkpoint(layer, { policy: everythingSaveable }))).toBe(6)
  })

  it('refuses a Promise and a policy that is a function', () => {
    expect(() => checkpoint(async (v: Tensor) => v)(x)).toThrow(TraceError)
    expect(() => checkpoint(sin, { policy: (() => true) as never })(x)).toThrow(
      new TypeError(
        'checkpoint: policy must be one of checkpointPolicies, got function; policies are data, not functions',
      ),
    )
  })
})

describe('policies', () => {
  const f = (v: Tensor): Tensor => {
    const scores = checkpointName(matmul(v.reshape([1, 2, 3]), v.reshape([1, 3, 2])).sin(), 'scores')
    const mixed = checkpointName(matmul(scores.reshape([2, 2]), v).sin(), 'mixed')
    return jit((m: Tensor) => matmul(m, m.T).sin())(mixed).sum()
  }
  const kept = (policy: CheckpointPolicy): readonly string[] =>
    shapes(calls(makeProgram(grad(checkpoint(f, { policy })))(ones([2, 3])))[0]!.outputs.slice(1))

  it.each([
    ['nothing', nothingSaveable, []],
    ['products, in jitted functions too', dotsSaveable, ['float32[1,2,2]', 'float32[2,3]', 'float32[2,2]']],
    ['products without batch axes', dotsWithNoBatchDimsSaveable, ['float32[2,3]', 'float32[2,2]']],
    ['what has a name', saveOnlyTheseNames('mixed', 'other'), ['float32[2,3]']],
    ['what has another name', saveAnyNamesButThese('mixed'), ['float32[1,2,2]']],
    [
      'what either keeps',
      saveFromBothPolicies(saveOnlyTheseNames('scores'), saveOnlyTheseNames('mixed')),
      ['float32[1,2,2]', 'float32[2,3]'],
    ],
  ] as const)('keep %s', (_, policy, want) => {
    expect(kept(policy)).toEqual(want)
    expect(bits(grad(checkpoint(f, { policy }))(ones([2, 3])))).toEqual(bits(grad(jit(f))(ones([2, 3]))))
  })

  it('everything is kept as without a checkpoint', () => {
    const program = makeProgram(grad(checkpoint(f, { policy: everythingSaveable })))(ones([2, 3]))
    expect(calls(program).flatMap(names)).not.toContain('optimization_barrier')
  })
})

describe('memory of a training step', () => {
  const layers = 24
  const [rows, width] = [64, 32]
  const layer = (h: Tensor, w: Tensor): Tensor => {
    const a = relu(matmul(h, w))
    return h.add(matmul(a.mul(sin(a)), w.T))
  }
  type Layer = typeof layer

  const bytes = (f: Layer): number => {
    const weights = Array.from({ length: layers }, () => ones([width, width]))
    const loss = (ws: readonly Tensor[], v: Tensor): Tensor =>
      ws
        .reduce((h, w) => f(h, w), v)
        .square()
        .mean()
    return makeSchedule(makeProgram(valueAndGrad(loss))(weights, ones([rows, width]))).workspaceBytes
  }
  const activation = rows * width * 4

  it('is one activation per layer and the inside of one layer with checkpoints', () => {
    const [plain, kept] = [bytes(layer), bytes(checkpoint(layer))]
    expect(plain).toBeGreaterThan(3 * layers * activation)
    expect(kept).toBeLessThan((layers + 8) * activation)
    expect(kept).toBeLessThan(plain / 2.5)
  })

  it('lies between where a policy keeps the products', () => {
    const [all, some, none] = [everythingSaveable, dotsSaveable, nothingSaveable].map((policy) =>
      bytes(checkpoint(layer, { policy })),
    )
    expect(all!).toBeGreaterThan(some!)
    expect(some!).toBeGreaterThan(none!)
  })

  it('of a loop is the carry of each step where its body is checkpointed', () => {
    const stepped = (f: Layer): number => {
      const loss = (ws: Tensor, v: Tensor): Tensor =>
        scan((h: Tensor, w: Tensor) => [f(h, w), null] as const, v, ws)[0].sum()
      return makeSchedule(makeProgram(grad(loss))(ones([layers, width, width]), ones([rows, width]))).workspaceBytes
    }
    expect(stepped(checkpoint(layer))).toBeLessThan((layers + 4) * activation)
    expect(stepped(layer)).toBeGreaterThan(3 * layers * activation)
  })
})

describe('optimization_barrier', () => {
  it('gives its operands, keys too, and is no work at run time', () => {
    const key = random.key(3)
    const pass = (a: Tensor, k: Tensor): readonly Tensor[] => bind('optimization_barrier', [a, k], null)
    expect(bits(pass(x, key))).toEqual(bits([x, key]))
    expect(bits(jit(pass)(x, key))).toEqual(bits([x, key]))
    expect(makeSchedule(makeProgram(pass)(x, key)).steps).toEqual([])
  })

  it('keeps what is computed behind it apart from what is computed before', () => {
    const twice = (through: boolean): number => {
      const f = (v: Tensor): Tensor => {
        const [held] = through ? bind('optimization_barrier', [v], null) : [v]
        return matmul(v, v).add(matmul(held!, held!))
      }
      return makeSchedule(makeProgram(f)(ones([2, 2]))).steps.filter((s) => s.kind === 'routine').length
    }
    expect(twice(false)).toBe(1)
    expect(twice(true)).toBe(2)
  })

  it('entries that have no batch axis get none', () => {
    const f = (v: Tensor): readonly Tensor[] => bind('optimization_barrier', [v, x], null)
    const [a, b] = vmap(f, { outAxes: [0, null] })(ones([2, 3])) as readonly [Tensor, Tensor]
    expect([a.shape, b.shape]).toEqual([[2, 3], [3]])
    expect(b).toBeInstanceOf(Tensor)
  })
})
