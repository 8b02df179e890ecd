import { readdirSync, readFileSync } from 'node:fs'
import * as optim from '@linum/optim'
import { expect, test } from 'vitest'

/** Used by trajectories under another name, or tested by hand: what they give is no tensor, or nothing that Optax has. */
const elsewhere = new Set([
  'applyUpdates',
  'lookaheadParams',
  'scheduleFreeEvalParams',
  'skipLargeUpdates',
  'transformation',
  'tree.dtype',
  'tree.get',
  'tree.getAllWithPath',
  'tree.set',
  'tree.size',
  'tree.splitKeyLike',
  'valueAndGradFromState',
])

const functionsOf = (module: object, prefix: string): readonly string[] =>
  Object.entries(module)
    .filter(([name, value]) => typeof value === 'function' && (/^[a-z]/.test(name) || name === 'MultiSteps'))
    .map(([name]) => prefix + name)

test('every transformation, schedule, loss and function of trees is compared with the reference', () => {
  const folder = new URL('./fixtures/', import.meta.url)
  const text = readdirSync(folder)
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n')
  const called = new Set([...text.matchAll(/"(?:fn|function)":"([\w.]+)"/g)].map(([, name]) => name))
  const names = [
    ...functionsOf(optim, ''),
    ...functionsOf(optim.tree, 'tree.'),
    ...functionsOf(optim.projections, 'projections.'),
  ].filter((name) => !elsewhere.has(name))
  expect(names.length).toBeGreaterThan(200)
  expect(names.filter((name) => !called.has(name))).toEqual([])
})
