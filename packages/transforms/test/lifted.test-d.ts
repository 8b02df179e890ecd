import { BatchStat, Module, Param, type StateOf, type VariableState } from '@linum/graph'
import type { ShapeDtype, Tensor, TensorLike } from '@linum/tensor'
import {
  cond,
  customVjp,
  DiffState,
  evalShape,
  foriLoop,
  jitPartial,
  jitted,
  jvp,
  remat,
  switchCase,
  transformMetadata,
  vjp,
  vmap,
  whileLoop,
} from '@linum/transforms'
import { expectTypeOf, test } from 'vitest'
import type { Linear, Net } from './models.js'

declare const net: Net
declare const linear: Linear
declare const x: Tensor
declare const forward: (net: Net, x: Tensor) => Tensor

test('branches take the operands and agree on the result', () => {
  expectTypeOf(cond(true, forward, (_, x) => x, net, x)).toEqualTypeOf<Tensor>()
  expectTypeOf(switchCase(1, [forward, (_: Net, x: Tensor) => x], net, x)).toEqualTypeOf<Tensor>()
  // @ts-expect-error an operand is missing
  cond(true, forward, forward, net)
  // @ts-expect-error another class
  cond(true, forward, forward, linear, x)
  // @ts-expect-error branches of different results
  cond(true, forward, () => 'a', net, x)
})

test('loops keep the type of what they carry', () => {
  type State = readonly [Net, Tensor]
  const init: State = [net, x]
  expectTypeOf(
    whileLoop(
      ([, x]) => x.sum(),
      ([net, x]): State => [net, net.forward(x)],
      init,
    ),
  ).toEqualTypeOf<State>()
  expectTypeOf(foriLoop(0, 3, (i, [net, x]): State => [net, x.add(i)], init)).toEqualTypeOf<State>()
  const part = ([net]: State): Net => net
  // @ts-expect-error the body returns something else
  whileLoop(() => true, part, init)
  // @ts-expect-error the body returns something else
  foriLoop(0, 3, (_, [net]) => net, init)
})

test('remat and transformMetadata keep the type of the function, generics included', () => {
  expectTypeOf(remat(forward)).toEqualTypeOf<(net: Net, x: Tensor) => Tensor>()
  expectTypeOf(remat(<M extends Net>(net: M): M => net)(net)).toEqualTypeOf<Net>()
  expectTypeOf(transformMetadata(forward, { partition: 'a' })).toEqualTypeOf<(net: Net, x: Tensor) => Tensor>()
  vmap(forward, { axisName: 'batch', transformMetadata: { partitionName: null } })
  // @ts-expect-error the name is needed
  transformMetadata(forward, {})
})

test('pullbacks and tangents', () => {
  const [out, back] = vjp(forward, [net, x])
  expectTypeOf(out).toEqualTypeOf<Tensor>()
  expectTypeOf(back(x)[0]).toEqualTypeOf<StateOf<Net, Param>>()
  expectTypeOf(back(x)[1]).toEqualTypeOf<Tensor>()
  expectTypeOf(vjp(forward, [net, x], { wrt: BatchStat })[1](x)[0].mean).toEqualTypeOf<VariableState<Tensor>>()
  const aux = vjp((net: Net) => [net.mean.value, net] as const, [net], { hasAux: true })
  expectTypeOf(aux[2]).toEqualTypeOf<Net>()
  // @ts-expect-error a cotangent of the output's type
  back('a')
  // @ts-expect-error a primal is missing
  vjp(forward, [net])
  expectTypeOf(jvp(forward, [net, x], [{}, x])).toEqualTypeOf<readonly [Tensor, Tensor]>()
  // @ts-expect-error a tangent is missing
  jvp(forward, [net, x], [{}])
})

test('shapes stand for tensors, modules keep their classes', () => {
  const [a, b, n] = evalShape((net: Net, x: Tensor) => [net.forward(x), { net }, 1] as const, net, x)
  expectTypeOf(a).toEqualTypeOf<ShapeDtype>()
  expectTypeOf(b.net).toEqualTypeOf<Net>()
  expectTypeOf(n).toEqualTypeOf<1>()
})

test('a rule gets the named arguments, the residuals and the cotangents', () => {
  const f = customVjp(
    (mode: string, m: Linear, x: Tensor): Tensor => (mode === 'a' ? m.forward(x) : x),
    (mode, m, x) => [m.forward(x), { mode, x }] as const,
    (mode, { x }, [inputs, out]) => {
      expectTypeOf(mode).toEqualTypeOf<string>()
      expectTypeOf(x).toEqualTypeOf<Tensor>()
      expectTypeOf(inputs).toEqualTypeOf<readonly unknown[]>()
      expectTypeOf(out).toEqualTypeOf<Tensor>()
      return [null, out]
    },
    { nondiffArgnums: [0] },
  )
  expectTypeOf(f).toEqualTypeOf<(mode: string, m: Linear, x: Tensor) => Tensor>()
  customVjp(
    (m: Linear, x: Tensor) => m.forward(x),
    (m, x) => [m.forward(x), x] as const,
    (_, [[gm, gx]]) => {
      expectTypeOf(gm.w).toEqualTypeOf<VariableState<Tensor>>()
      expectTypeOf(gx).toEqualTypeOf<null>()
      return [gm, null]
    },
    { nondiffArgnums: [new DiffState(0, Param)] },
  )
  const fwd = (net: Net, x: Tensor): readonly [Tensor, null] => [net.forward(x), null]
  const bwd = (): readonly null[] => [null, null]
  // @ts-expect-error there is no third argument
  customVjp(forward, fwd, bwd, { nondiffArgnums: [2] })
})

test('a decorated method keeps its type', () => {
  class Block extends Module {
    declare readonly linear: Linear
    @jitted()
    forward(x: Tensor): Tensor {
      return this.linear.forward(x)
    }
    @jitted({ staticArgnums: [1] })
    scale(x: Tensor, by: number): Tensor {
      return x.mul(by)
    }
    // @ts-expect-error a number is traced, or static
    @jitted()
    shift(x: Tensor, by: number): Tensor {
      return x.add(by)
    }
  }
  expectTypeOf<Block['forward']>().toEqualTypeOf<(x: Tensor) => Tensor>()
  expectTypeOf<Block['scale']>().toEqualTypeOf<(x: Tensor, by: number) => Tensor>()
})

test('jitPartial leaves the remaining parameters', () => {
  const step = (net: Net, linear: Linear, x: Tensor, rate: TensorLike): Tensor =>
    net.forward(linear.forward(x)).mul(rate)
  expectTypeOf(jitPartial(step, [net, linear])).toEqualTypeOf<(x: Tensor, rate: TensorLike) => Tensor>()
  expectTypeOf(jitPartial(step, [net])).parameters.toEqualTypeOf<[linear: Linear, x: Tensor, rate: TensorLike]>()
  // @ts-expect-error another class
  jitPartial(step, [linear])
})
