import { grad } from '@linum/autodiff'
import type { Filter } from '@linum/filters'
import { flatState, Module, Param, state, toPureDict, Variable } from '@linum/graph'
import { array, ones, type Tensor, zeros } from '@linum/tensor'

export class Statistic extends Variable<Tensor> {
  declare readonly is: Variable['is'] & { readonly Statistic: true }
}

export class Linear extends Module {
  kernel = new Param(
    array([
      [0.1, -0.2, 0.3],
      [0.4, -0.5, 0.6],
    ]),
  )
  bias = new Param(zeros([3]))
  calls = new Statistic(array(0, { dtype: 'int32' }))

  forward(x: Tensor): Tensor {
    return x.matmul(this.kernel).add(this.bias)
  }
}

const x = array([
  [1, 2],
  [3, 4],
  [-1, 0.5],
  [2, -1],
])

export interface Values {
  readonly kernel?: Tensor
  readonly bias?: Tensor
}

/** The mean square error against 1 and its gradients for the given parameters. */
export const lossAndGrads = (model: Linear, wrt: Filter = Param): readonly [number, Values] => {
  const loss = (p: Values): Tensor =>
    x
      .matmul(p.kernel ?? model.kernel)
      .add(p.bias ?? model.bias)
      .sub(1)
      .square()
      .mean()
  const values = toPureDict(state(model, wrt)) as Values
  return [loss(values).item() as number, grad(loss)(values)]
}

export const someGrads = { kernel: ones([2, 3]), bias: ones([3]) }
/** The paths of all leaves. */
export const paths = (node: object): readonly string[] => flatState(state(node)).map(([path]) => path.join('/'))
