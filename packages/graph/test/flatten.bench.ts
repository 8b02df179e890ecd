import { bench, describe } from 'vitest'
import { rest } from '@linum/filters'
import {
  clone,
  flatten,
  flattenAgainst,
  flattenInterned,
  merge,
  Param,
  split,
  state,
  unflatten,
  update,
} from '@linum/graph'
import { Foo, Linear } from './models.js'

// Goals for these 200 Variables: split under 150 µs, update under 60 µs.
const model = new Foo({ layers: Array.from({ length: 100 }, () => new Linear(4, 4)) })
const flat = flatten(model)
const [graphdef, all] = split(model)
const [, params] = split(model, Param, rest)

describe('a graph of 100 Linear(4, 4)', () => {
  bench('split', () => {
    split(model)
  })
  bench('split by Param and rest', () => {
    split(model, Param, rest)
  })
  bench('state', () => {
    state(model)
  })
  bench('update', () => {
    update(model, all)
  })
  bench('update by one group', () => {
    update(model, params)
  })
  bench('merge', () => {
    merge(graphdef, all)
  })
  bench('clone', () => {
    clone(model)
  })
  bench('flatten, first time', () => {
    flatten(model)
  })
  bench('flatten, structure known', () => {
    flattenInterned(model)
  })
  bench('flattenAgainst', () => {
    flattenAgainst(flat.graphdef, model)
  })
  bench('unflatten', () => {
    unflatten(flat.graphdef, flat.leaves)
  })
  bench('hash of a new GraphDef', () => {
    void flatten(model).graphdef.hash
  })
})
