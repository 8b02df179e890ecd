import { array, type Tensor } from '@linum/tensor'
import { expect, test } from 'vitest'
import {
  capture,
  Intermediate,
  mapState,
  Module,
  Param,
  Perturbation,
  pop,
  state,
  type State,
  Variable,
  type VariableState,
  withMetadata,
} from '@linum/graph'
import { plain, casesOf, type Leaf, leavesOf } from './reference.js'

class Inner extends Module {
  forward(x: Tensor): Tensor {
    this.sow(Intermediate, 'x', x)
    return this.perturb('delta', x.mul(2))
  }
}
const sum = { init: (): Tensor => array(0), reduce: (kept: Tensor, x: Tensor): Tensor => kept.add(x) }
class Outer extends Module {
  inner = new Inner()
  last = new Inner()
  forward(x: Tensor): Tensor {
    const y = this.inner.forward(x).add(this.inner.forward(x.add(1)))
    this.sow(Intermediate, 'sum', y, sum)
    this.sow(Intermediate, 'sum', y, sum)
    return this.last.forward(y)
  }
}

test('sown values and perturbations are as in Flax, and pop takes them out', () => {
  const [c] = casesOf<Record<'state' | 'left', readonly Leaf[]>>('sown')
  const model = new Outer()
  model.forward(array(3))
  expect(leavesOf(pop(model, Intermediate))).toEqual(c!.state)
  expect(leavesOf(state(model))).toEqual(c!.left)
})

test('captured values are as in Flax, with given perturbations too', () => {
  const [c] = casesOf<Record<'intermediates' | 'perturbations' | 'left', readonly Leaf[]> & { out: number }>('captured')
  const model = new Outer()
  const [out, perturbations, intermediates] = capture(model, Perturbation, Intermediate)(array(3))
  expect(out.item()).toBe(c!.out)
  expect(leavesOf(intermediates)).toEqual(c!.intermediates)
  expect(leavesOf(perturbations)).toEqual(c!.perturbations)
  expect(leavesOf(state(model))).toEqual(c!.left)
  const [d] = casesOf<{ out: number; intermediates: readonly Leaf[] }>('captured with perturbations')
  const init: State = mapState((_, x) => (x as VariableState).replace(x.add(10)), perturbations)
  const again = capture(model, [Intermediate], { init })(array(3))
  expect(again[0].item()).toBe(d!.out)
  expect(leavesOf(again[1])).toEqual(d!.intermediates)
})

test('hooks, also several, and metadata of initializers work as in Flax', () => {
  const [c] = casesOf<{ values: unknown; axes: unknown; metadata: object }>('hooks')
  const values: unknown[] = []
  const note = (v: Variable<number>): void => {
    values.push([v.raw, v.value])
  }
  const v = new Variable(2, {
    onCreateValue: (_, x) => x + 100,
    onGetValue: (_, x) => x * 3,
    onSetValue: (_, x) => x + 1,
  })
  note(v)
  v.value = 1
  note(v)
  const several = new Variable(2, {
    onGetValue: [(_, x) => x * 3, (_, x) => x + 1],
    onSetValue: [(_, x) => x + 1, (_, x) => x * 10],
  })
  note(several)
  several.value = 1
  note(several)
  const init = withMetadata((x: number) => x + 0.5, { axes: ['a', null], onGetValue: (_, x) => x * 2 })
  const p = new Param(init(1), { note: 'mine' })
  note(p)
  expect(values).toEqual(c!.values)
  const { onGetValue, ...others } = p.metadata
  expect([typeof onGetValue, others]).toEqual(['function', c!.metadata])
  const axes: unknown[] = []
  const q = new Param(1, {
    onAddAxis: (_, axis, name) => axes.push(['add', axis, name]),
    onRemoveAxis: (_, axis, name) => axes.push(['remove', axis, name]),
  })
  q.addAxis(1, 'layers')
  q.removeAxis(1, 'layers')
  expect(axes).toEqual(c!.axes)
  expect(plain(q.raw)).toBe(1)
})
