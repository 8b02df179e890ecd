import { Module, Param } from '@linum/graph'
import { array, debugNans, log, type Tensor } from '@linum/tensor'
import { jit, valueAndGrad } from '@linum/transforms'
import { afterEach, expect, test } from 'vitest'

class Scale extends Module {
  w = new Param(array([1, 2]))
  forward(x: Tensor): Tensor {
    return log(x.mul(this.w))
  }
}
class Net extends Module {
  first = new Scale()
  second = new Scale()
  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x))
  }
}

afterEach(() => {
  debugNans(false)
})

test('debugNans names the operation, the part of the model and the step', () => {
  const net = new Net()
  const step = jit(function step(model: Net, x: Tensor) {
    const [loss, grads] = valueAndGrad((m: Net) => m.forward(x).sum())(model)
    model.first.w.update((w) => w.sub(grads.first!.w.mul(0)))
    return loss
  })
  debugNans(true)
  step(net, array([3, 4]))
  expect(() => step(net, array([0.5, 4]))).toThrow(
    /^debugNans: log gave NaN, 1 of 2 elements of float32\(2,\), the first at \[0\].*In jit\(step\), call 2, equation \d+ of \d+; it reads .*argument 0 at second\/w/,
  )
})
