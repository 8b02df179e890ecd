import * as pureAutodiff from '@linum/autodiff'
import * as filters from '@linum/filters'
import * as graph from '@linum/graph'
import * as layers from '@linum/nn'
import * as optimizers from '@linum/optim'
import * as tensors from '@linum/tensor'
import * as transforms from '@linum/transforms'
import * as linum from 'linum'
import { describe, expect, test } from 'vitest'

type Names = Readonly<Record<string, unknown>>
const flat = linum as unknown as Names

describe('the one import', () => {
  test.for([
    ['filters', filters],
    ['graph', graph],
    ['nn', layers],
    ['transforms', transforms],
  ] as [string, Names][])('every name of %s is there, and is the same', ([, from]) => {
    const names = Object.keys(from)
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => flat[name] !== from[name])).toEqual([])
  })

  test.for([
    ['np', tensors],
    ['nn', layers],
    ['optim', optimizers],
    ['autodiff', pureAutodiff],
    ['random', tensors.random],
    ['tree', tensors.tree],
  ] as [string, Names][])('%s is the namespace of a package', ([name, from]) => {
    expect(Object.keys(from).length).toBeGreaterThan(0)
    expect(Object.keys(flat[name] as Names)).toEqual(Object.keys(from))
  })

  test('flat names are the lifted transforms, those of namespaces the pure ones', () => {
    expect(linum.jit).toBe(transforms.jit)
    expect(linum.np.jit).toBe(tensors.jit)
    expect(linum.jit).not.toBe(linum.np.jit)
    expect(linum.grad).toBe(transforms.grad)
    expect(linum.autodiff.grad).toBe(pureAutodiff.grad)
    expect(linum.split).toBe(graph.split)
    expect(linum.Optimizer).toBe(optimizers.Optimizer)
  })

  test('Tensor, devices and errors come along', () => {
    for (const name of [
      'Tensor',
      'ArrayOps',
      'devices',
      'init',
      'setDefaultDevice',
      'withDevice',
      'ShapeError',
      'DtypeError',
      'TraceError',
      'GraphError',
      'StateError',
      'DeviceError',
      'FilterError',
    ]) {
      expect([name, typeof flat[name]]).toEqual([name, 'function'])
    }
    for (const name of ['Tensor', 'ShapeError', 'devices']) expect(flat[name]).toBe((tensors as Names)[name])
  })
})
