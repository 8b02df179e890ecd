import { rest } from '@linum/filters'
import type { Tensor } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'
import {
  asPure,
  at,
  cachedPartial,
  call,
  capture,
  filterState,
  flatState,
  type GraphDef,
  type GraphState,
  Intermediate,
  map,
  mapState,
  merge,
  mergeState,
  Module,
  Param,
  Perturbation,
  type PureState,
  Rngs,
  type RngBackups,
  split,
  splitRngs,
  splitState,
  state,
  type State,
  type StateOf,
  unpack,
  update,
  Variable,
  type VariableMetadata,
  type VariableState,
  view,
  withMetadata,
  withRngs,
  withVars,
} from '@linum/graph'
import { Count, type Linear, type StatefulLinear } from './models.js'

class Net extends Module {
  body!: Linear
  heads!: readonly [Linear, Linear]
  layers!: Linear[]
  map!: Map<string, Param>
  nested!: { readonly a: readonly Param[]; readonly name: string }
  raw!: Tensor
  maybe: Param | null = null
  rngs!: Rngs
  sub!: Module
  run(x: Tensor): Tensor {
    return x
  }
}
declare const net: Net
declare const linear: StatefulLinear
declare const x: Tensor

test('the State of a class is a State', () => {
  expectTypeOf<StateOf<Net>>().toExtend<State>()
  expectTypeOf<StateOf<Net, Param>>().toExtend<State>()
  expectTypeOf<GraphState<Net>>().toExtend<State>()
  const first = (s: State): State => mapState((_, leaf) => leaf, s)
  const same = <S extends State>(s: S): S => s
  first(state(net))
  first(split(net, Param, rest)[1])
  first(split(net, 'tag', rest)[1])
  expectTypeOf(same(state(net, Param))).toEqualTypeOf<StateOf<Net, Param>>()
  expectTypeOf<Tensor>().not.toExtend<State>()
  expectTypeOf<VariableState>().not.toExtend<State>()
  expectTypeOf<Linear>().not.toExtend<State>()
  // @ts-expect-error a leaf that is none
  first({ a: 'x' })
})

test('functions over any Module handle its State', () => {
  const roundTrip = <M extends Module>(m: M): M => {
    const [graphdef, params, others] = split(m, Param, rest)
    const all: State = mergeState(params, others)
    const own: State = state(m)
    update(m, own)
    update(m, all)
    return merge(graphdef, params, others)
  }
  expectTypeOf(roundTrip(linear)).toEqualTypeOf<StatefulLinear>()
})

test('update takes States of known keys, of unknown ones, and both', () => {
  const mapped = mapState((_, leaf) => leaf, state(linear))
  update(linear, state(linear, Param))
  update(linear, mapped)
  update(linear, state(linear, Param), mapped)
  update(linear, { count: linear.count.value }, { w: x })
  // @ts-expect-error a key that the class has not
  update(linear, { nope: x })
  // @ts-expect-error beside a State of unknown keys too
  update(linear, mapped, { nope: x })
  // @ts-expect-error a level is no leaf
  update(net, { body: x })
  // @ts-expect-error a misspelt key below
  update(net, { body: { nope: x } })
})

test('split has one slot per filter, and no more can be destructured', () => {
  const [graphdef, params, others] = split(net, Param, rest)
  expectTypeOf(graphdef).toEqualTypeOf<GraphDef<Net>>()
  expectTypeOf(at(params, 'body', 'w')).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(at(others, 'rngs', 'default', 'key')).toEqualTypeOf<VariableState<Tensor>>()
  // @ts-expect-error Params are in the first
  at(others, 'body', 'w')
  // @ts-expect-error two filters give three slots
  const [, , , fourth] = split(net, Param, rest)
  // @ts-expect-error no filter gives two
  const [, , third] = split(net)
  void [fourth, third]
})

test('merge returns the class, from unpacked States too', () => {
  expectTypeOf(merge(...split(linear))).toEqualTypeOf<StatefulLinear>()
  const [params, counts] = unpack(linear, Param, Count)
  expectTypeOf(params.w).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(counts.count).toEqualTypeOf<VariableState<Tensor>>()
  expectTypeOf(merge(params, counts)).toEqualTypeOf<StatefulLinear>()
  expectTypeOf(merge(unpack(linear))).toEqualTypeOf<StatefulLinear>()
  // @ts-expect-error a State alone does not say what it is of
  merge(state(linear), params)
  expectTypeOf(map((_, leaf) => leaf, linear)).toEqualTypeOf<StatefulLinear>()
  expectTypeOf(view(linear, { deterministic: true })).toEqualTypeOf<StatefulLinear>()
})

test('call knows the methods and what they return', () => {
  const pair = split(net)
  const [y, after] = call(pair).run(x)
  expectTypeOf(y).toEqualTypeOf<Tensor>()
  expectTypeOf(after).toEqualTypeOf<PureState<Net>>()
  expectTypeOf(call(pair).heads[0].forward(x)[0]).toEqualTypeOf<Tensor>()
  expectTypeOf(pair[0].apply(pair[1]).run(x)[0]).toEqualTypeOf<Tensor>()
  // @ts-expect-error no such method
  call(pair).walk(x)
  // @ts-expect-error the parameters are those of the method
  call(pair).run('x')
})

test('capture keeps the parameters and gives one State per type', () => {
  const f = capture((net: Net, x: Tensor) => net.run(x), Intermediate, Perturbation)
  expectTypeOf(f).parameters.toEqualTypeOf<[net: Net, x: Tensor]>()
  expectTypeOf(f(net, x)).toEqualTypeOf<readonly [out: Tensor, State, State]>()
  expectTypeOf(capture((_: Net) => x, [], { init: {} })(net)).toEqualTypeOf<Tensor>()
  expectTypeOf(capture(linear, Intermediate)).parameter(0).toExtend<Tensor | object>()
})

test('decorators keep the type of the function', () => {
  const f = (rngs: Rngs, n: number): string => `${n}${rngs.names.length}`
  expectTypeOf(splitRngs({ splits: 2 })(f)).toEqualTypeOf<(rngs: Rngs, n: number) => string>()
  expectTypeOf(withRngs({ fork: rest })(f)).toEqualTypeOf<(rngs: Rngs, n: number) => string>()
  expectTypeOf(splitRngs(net, { splits: 2 })).toEqualTypeOf<RngBackups>()
  expectTypeOf(withRngs(net, { split: 2 })).toEqualTypeOf<Net>()
  expectTypeOf(cachedPartial(f, new Rngs(0))).toEqualTypeOf<(n: number) => string>()
})

test('initializers with metadata keep their type', () => {
  const init = (key: Tensor, shape: readonly number[]): Tensor => (shape.length > 0 ? key : x)
  expectTypeOf(withMetadata(init, { sharding: 'x' })).toEqualTypeOf<typeof init>()
  expectTypeOf(new Variable(withMetadata(() => 3, {})())).toEqualTypeOf<Variable<number>>()
  const boxed = null as unknown as VariableMetadata<number>
  expectTypeOf(new Param<number>(boxed).value).toEqualTypeOf<number>()
})

test('raw values have the structure of what they come from', () => {
  const pure = asPure([state(linear), linear.w] as const)
  expectTypeOf(pure[0].w).toEqualTypeOf<Tensor>()
  expectTypeOf(pure[1]).toEqualTypeOf<Tensor>()
  expectTypeOf(withVars(asPure(state(linear)), state(linear))).toEqualTypeOf<StateOf<StatefulLinear>>()
})

test('functions of States give States', () => {
  expectTypeOf(filterState(state(net), Param)).toEqualTypeOf<State>()
  expectTypeOf(splitState(state(net), Param, rest)).toEqualTypeOf<readonly State[]>()
  expectTypeOf(flatState(state(net))[0]![0]).toEqualTypeOf<readonly (string | number)[]>()
  for (const leaf of Object.values(state(net) as State)) expectTypeOf(leaf).toExtend<State | object | undefined>()
})
