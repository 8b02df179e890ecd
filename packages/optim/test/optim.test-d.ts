import { type GraphDef, Module, OptState, Param, split, state, type State } from '@linum/graph'
import { array, ones, type Tensor, type tree, zeros } from '@linum/tensor'
import {
  adam,
  applyUpdates,
  chain,
  constantSchedule,
  cosineDecaySchedule,
  type GradientTransformation,
  type Mask,
  masked,
  Optimizer,
  type Schedule,
  sgd,
  type TransformationState,
} from '@linum/optim'
import { describe, expectTypeOf, it } from 'vitest'

class Linear extends Module {
  w = new Param(ones([2, 3]))
  b = new Param(zeros([3]))
}

describe('transformations', () => {
  it('keep the type of the updates and the parameters', () => {
    const params = { w: ones([2]), b: [zeros([1])] }
    const tx = chain(adam(1e-3))
    expectTypeOf(tx).toEqualTypeOf<GradientTransformation>()
    const [updates, next] = tx.update(params, tx.init(params), params)
    expectTypeOf(updates).toEqualTypeOf<typeof params>()
    expectTypeOf(next).toEqualTypeOf<TransformationState>()
    expectTypeOf(applyUpdates(params, updates)).toEqualTypeOf<typeof params>()
    // @ts-expect-error the parameters have the structure of the updates
    tx.update(params, tx.init(params), { w: ones([2]) })
  })

  it('take numbers, tensors, schedules and functions of a step as learning rates', () => {
    sgd(0.1)
    sgd(array(0.1))
    sgd(cosineDecaySchedule(0.1, 10))
    sgd((step) => step.mul(0.1))
    // @ts-expect-error a string is no learning rate
    sgd('fast')
    // @ts-expect-error there is no such option
    sgd(0.1, { momentun: 0.9 })
  })

  it('take masks as trees of booleans or functions to such', () => {
    expectTypeOf({ w: true, b: [false] }).toExtend<Mask>()
    masked(adam(1), (params: { w: Tensor }) => ({ w: params.w.ndim > 1 }))
    masked(adam(1), () => true)
    // @ts-expect-error a number is no mask
    masked(adam(1), { w: 1 })
  })
})

describe('schedules', () => {
  it('give numbers for numbers and tensors for tensors', () => {
    const schedule: Schedule = constantSchedule(1)
    expectTypeOf(schedule(3)).toEqualTypeOf<number>()
    expectTypeOf(schedule(array(3))).toEqualTypeOf<Tensor>()
    expectTypeOf(schedule(new Param(array(3)))).toEqualTypeOf<Tensor>()
  })
})

describe('Optimizer', () => {
  const optimizer = new Optimizer(new Linear(), adam(1e-3))

  it('keeps the type of its model', () => {
    expectTypeOf(optimizer).toEqualTypeOf<Optimizer<Linear>>()
    expectTypeOf(optimizer.model).toEqualTypeOf<Linear>()
    expectTypeOf(optimizer.step.value).toEqualTypeOf<Tensor>()
  })

  it('takes the State of its model, or nested plain objects, as gradients', () => {
    const grads = state(optimizer.model, Param)
    expectTypeOf(optimizer.update(grads)).toEqualTypeOf<tree.Tree<Tensor>>()
    optimizer.update(optimizer.model, grads, { loss: zeros([]) })
    optimizer.update({ w: ones([2, 3]), b: zeros([3]) })
    // @ts-expect-error a loss is no tree of gradients
    optimizer.update(zeros([]))
    // @ts-expect-error neither is a number
    optimizer.update(1)
    new Optimizer(new Param(ones([2])), adam(1)).update(ones([2]))
  })

  it('shows the state of its model, its step and its own in States', () => {
    const [def, all] = split(optimizer)
    expectTypeOf(def).toEqualTypeOf<GraphDef<Optimizer<Linear>>>()
    expectTypeOf(all.model.w.value).toEqualTypeOf<Tensor>()
    expectTypeOf(all.step.value).toEqualTypeOf<Tensor>()
    expectTypeOf(all.optState).toEqualTypeOf<State | undefined>()
    expectTypeOf(all).not.toHaveProperty('tx')
    expectTypeOf(state(optimizer, Param).model.b.value).toEqualTypeOf<Tensor>()
    expectTypeOf(state(optimizer, OptState)).not.toHaveProperty('model')
  })
})
