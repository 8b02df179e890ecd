import type { Tensor } from '@linum/tensor'
import { rest } from '@linum/filters'
import { expectTypeOf, test } from 'vitest'
import {
  at,
  BatchStat,
  clone,
  type Dict,
  editState,
  type GraphDef,
  type Layer,
  type List,
  LoRAParam,
  merge,
  Module,
  Param,
  pop,
  type Rngs,
  RngState,
  split,
  state,
  type State,
  type StateOf,
  update,
  type Variable,
  type VariableState,
} from '@linum/graph'
import { Count, type Linear, type StatefulLinear } from './models.js'

class Norm extends Module {
  scale: Param | null = null
  mean!: BatchStat
  momentum = 0.9
}
class Net extends Module {
  body!: Linear
  bn!: Norm
  heads!: readonly [Linear, Linear]
  layers!: Linear[]
  extra!: { readonly lora: LoRAParam; readonly name: string }
  map!: Map<string, Param>
  raw!: Tensor
  stats!: Count
  either!: Linear | Norm
  any!: Variable
  sub!: Module
  layer!: Layer<Tensor, Tensor>
  rngs!: Rngs
  rate = 0.1
  act!: (x: Tensor) => Tensor
  forward(x: Tensor): Tensor {
    return x
  }
}
declare const net: Net
declare const linear: StatefulLinear

test('split without filters gives the GraphDef and one State like the class', () => {
  const [def, s] = split(net)
  expectTypeOf(def).toEqualTypeOf<GraphDef<Net>>()
  expectTypeOf(s.body.w).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(s.bn.scale).toEqualTypeOf<VariableState<Tensor> | undefined>()
  expectTypeOf(s.heads[1].b).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(s.layers[3]!.w).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(s.extra.lora).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(s.map['k']!).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(s.raw).toEqualTypeOf<Tensor>()
  expectTypeOf(s.rngs['default']!.count).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(s.body.w.add(1)).toEqualTypeOf<Tensor>()
  expectTypeOf<keyof typeof s & ('rate' | 'act' | 'forward' | 'train')>().toEqualTypeOf<never>()
  expectTypeOf<keyof typeof s.extra>().toEqualTypeOf<'lora'>()
})

test('a field that is only a Module or a Layer is a State', () => {
  const [, s] = split(net)
  expectTypeOf(s.sub).toEqualTypeOf<State | undefined>()
  expectTypeOf(s.layer).toEqualTypeOf<State | undefined>()
})

test('the first filter that matches claims a leaf', () => {
  const [def, lora, params, counts, others] = split(net, LoRAParam, Param, Count, rest)
  expectTypeOf(def).toEqualTypeOf<GraphDef<Net>>()
  expectTypeOf(lora.extra.lora).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(params.body.w).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf<'extra' extends keyof typeof params ? true : false>().toEqualTypeOf<false>()
  expectTypeOf(counts.stats).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(others.bn.mean).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf<'body' extends keyof typeof others ? true : false>().toEqualTypeOf<false>()
  expectTypeOf<'scale' extends keyof typeof others.bn ? true : false>().toEqualTypeOf<false>()
  // @ts-expect-error four filters give five slots
  void split(net, LoRAParam, Param, Count, rest)[5]
  // @ts-expect-error a BatchStat is no Param
  void params.bn.mean
})

test('a Variable of unknown kind may be in any slot', () => {
  const [, params, others] = split(net, Param, rest)
  expectTypeOf(params.any).toEqualTypeOf<VariableState<Tensor> | undefined>()
  expectTypeOf(others.any).toEqualTypeOf<VariableState<Tensor> | undefined>()
})

test('a tag or a predicate makes every leaf optional', () => {
  const [, some] = split(net, 'tag', rest)
  expectTypeOf(some.body!.w!).toEqualTypeOf<VariableState<Tensor>>()
  // @ts-expect-error it may be missing
  void some.body.w
})

test('the functional cycle of the basics has types', () => {
  const [graphdef, params, counts] = split(linear, Param, Count)
  expectTypeOf(graphdef).toEqualTypeOf<GraphDef<StatefulLinear>>()
  expectTypeOf<keyof typeof params>().toEqualTypeOf<'w' | 'b'>()
  expectTypeOf<keyof typeof counts>().toEqualTypeOf<'count'>()
  expectTypeOf(merge(graphdef, params, counts)).toEqualTypeOf<StatefulLinear>()
  update(linear, params, counts)
  update(linear, { w: linear.w.value })
  // @ts-expect-error no such attribute
  update(linear, { nope: linear.w.value })
  expectTypeOf(clone(linear)).toEqualTypeOf<StatefulLinear>()
  expectTypeOf(state(linear, Count).count.value).toEqualTypeOf<Tensor>()
  expectTypeOf(state(linear, Count, Param)[1].w.value).toEqualTypeOf<Tensor>()
  expectTypeOf(pop(linear, Count).count).toEqualTypeOf<VariableState<Tensor>>()
})

test('lone Variables and Tensors give their leaf', () => {
  const v = new Param(3)
  expectTypeOf(split(v)[1]).toEqualTypeOf<VariableState<number>>()
  expectTypeOf(split(v, BatchStat, Param)[1]).toEqualTypeOf<State>()
  expectTypeOf(split(v, BatchStat, Param)[2]).toEqualTypeOf<VariableState<number>>()
  expectTypeOf(state(linear.w.value)).toEqualTypeOf<Tensor>()
})

test('List and Dict nest like arrays and objects', () => {
  class Holder extends Module {
    list!: List<Linear>
    dict!: Dict<{ a: Linear; n: number }>
  }
  type S = StateOf<Holder>
  expectTypeOf<S['dict']['a']['w']>().toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf<keyof S['dict']>().toEqualTypeOf<'a'>()
  expectTypeOf<NonNullable<S['list'][number]>['w']>().toEqualTypeOf<VariableState<Tensor>>()
})

test('recursive classes end in State after eight levels', () => {
  class Chain extends Module {
    p!: Param
    next!: Chain
  }
  type S = StateOf<Chain>
  expectTypeOf<S['next']['next']['next']['p']>().toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf<StateOf<Chain, Param>['next']['p']>().toEqualTypeOf<VariableState<Tensor>>()
})

test('brands keep kinds apart', () => {
  // @ts-expect-error a BatchStat is no Param
  const p: Param = new BatchStat(linear.w.value)
  const q: Param = new LoRAParam(linear.w.value)
  const v: Variable = q
  // @ts-expect-error a Variable may be no Param
  const r: Param = v
  class LoraParam extends Param {
    declare readonly is: Param['is'] & { readonly LoraParam: true }
  }
  const s: Param = new LoraParam(linear.w.value)
  expectTypeOf(s.value).toEqualTypeOf<Tensor>()
  void [p, r]
})

test('paths and drafts are typed', () => {
  const s = state(net)
  expectTypeOf(at(s, 'body', 'w')).toEqualTypeOf<VariableState<Tensor>>()
  // @ts-expect-error no such path
  at(s, 'body', 'nope')
  editState(s, (draft) => {
    draft.body.w.value = net.raw
    draft.body.w = s.body.b
    // @ts-expect-error a draft has the keys of the State
    draft.nope = 1
  })
  expectTypeOf(state(net, RngState).rngs['default']!.key).toEqualTypeOf<VariableState<Tensor>>()
})

test('Layers are anything with a forward', () => {
  const relu: Layer<Tensor, Tensor> = { forward: (x) => x }
  expectTypeOf(relu.forward(net.raw)).toEqualTypeOf<Tensor>()
  // @ts-expect-error a function is no Layer
  const bad: Layer<Tensor, Tensor> = (x: Tensor) => x
  void bad
  expectTypeOf<Linear>().toExtend<Layer<Tensor, Tensor>>()
})
