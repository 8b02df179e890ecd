import { rest } from '@linum/filters'
import { array } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import {
  BatchStat,
  clone,
  Intermediate,
  Module,
  Param,
  merge,
  pop,
  recursiveMap,
  replaceByPureDict,
  reseed,
  Rngs,
  split,
  splitRngs,
  state,
  toTree,
  update,
  view,
  withAttributes,
  withRngs,
} from '@linum/graph'
import { Foo } from './models.js'
import { build, casesOf, type Spec } from './reference.js'

const small = (): Foo => new Foo({ a: new Param(array(1)), b: new BatchStat(array(1)), c: new Param(array(1)) })
const cycle = (): object => build(casesOf<{ spec: Spec }>('graph').find((c) => c.name === 'cycle')!.spec)

class Sower extends Module {
  y = new Param(array(1))
  z = 3
  forward(name: string): void {
    this.sow(Intermediate, name, array(1))
  }
}

const calls: Readonly<Record<string, () => unknown>> = {
  'split not exhaustive': () => split(small(), Param),
  'rest first': () => split(small(), rest, Param),
  'merge nothing': () => merge(split(small())[0]),
  'merge too few': () => merge(split(small())[0], {}),
  'merge no graphdef': () => merge(3 as never, {}),
  'pop nothing': () => pop(small()),
  'update a subgraph with a leaf': () =>
    update(new Foo({ m: new Foo({ p: new Param(array(1)) }) }), { m: new Param(array(1)).toState() } as never),
  'pure dict key': () => replaceByPureDict(state(small()), { zzz: 1 }),
  'unknown attribute': () => small().setAttributes({ unknown: 1 }),
  'withAttributes unknown': () => withAttributes(small(), { unknown: 1 }),
  'view unknown': () => view(small(), { unknown: 1 }),
  'cycle in recursiveMap': () => recursiveMap((_, x) => x, cycle()),
  'sow of another type': () => new Sower().forward('y'),
  'sow on a static': () => new Sower().forward('z'),
  'no stream': () => new Rngs({ params: 0 }).key('dropout'),
  'reseed of several keys': () => reseed(new Rngs({ params: 0 }).split(3), { params: 1 }),
  'withRngs twice': () => withRngs(new Rngs({ params: 0 }), { split: [['params', 2]], fork: 'params' }),
  squeeze: () => splitRngs(new Rngs(0), { splits: 2, squeeze: true }),
  'clone arrays in shared Variables': () => clone(small(), { variables: false, arrays: true }),
  'copy from another type': () => new Param(1).copyFrom(new BatchStat(1) as never),
  'inconsistent aliasing': () => {
    const shared = small()
    toTree([shared, shared], { prefix: [0, 1] })
  },
}

/** What the sentence of the reference becomes in the words of this library. */
const translated: readonly (readonly [string | RegExp, string])[] = [
  [/FlatState\(\[\n {2}\(\('b',\)[^]*\]\)/, 'b'],
  ['Use `...`', 'Use `rest`'],
  ['`...` or `True`', '`rest` or `true`'],
  ['got Ellipsis it at index 0.', 'got `rest` at index 0'],
  [/Param\( # 1[^]*\)/, 'Param'],
  ['nnx.view', 'view'],
  ["<class 'graph.Foo'>", 'Foo'],
  ['got int', 'got 3'],
  [/path \('params',\)/, "path 'params'"],
  ['becuase', 'because'],
  ['(3,)', '(3)'],
  ['policy="match_shape"', "policy 'matchShape'"],
  ['squeeze=True is only supported for splits=1', '`squeeze` is only supported for splits of 1'],
  ['If arrays is True, variables should be also True', 'If `arrays` is true, `variables` should be also true'],
]

const translate = (message: string): string => translated.reduce((text, [from, to]) => text.replace(from, to), message)

const messageOf = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('errors have the sentence of Flax', () => {
  it.each(casesOf<{ message: string }>('error').map((c) => [c.name, c.message] as const))('%s', (name, message) => {
    expect(messageOf(calls[name]!)).toContain(translate(message))
  })
})
