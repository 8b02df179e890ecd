import { array, ones, random, type Tensor, type TensorLike, zeros } from '@linum/tensor'
import { Module, Param, type Rngs, Variable } from '@linum/graph'

export class Count extends Variable<Tensor> {
  declare readonly is: Variable['is'] & { readonly Count: true }
}

export class Linear extends Module {
  w: Param
  b: Param
  readonly din: number
  readonly dout: number

  constructor(din: number, dout: number, { rngs }: { readonly rngs?: Rngs } = {}) {
    super()
    this.din = din
    this.dout = dout
    this.w = new Param(rngs === undefined ? ones([din, dout]) : random.uniform(rngs.key('params'), [din, dout]))
    this.b = new Param(zeros([dout]))
  }

  forward(x: TensorLike & { matmul(w: Param): Tensor }): Tensor {
    return x.matmul(this.w).add(this.b)
  }
}

export class StatefulLinear extends Linear {
  count = new Count(array(0, { dtype: 'uint32' }))

  override forward(x: TensorLike & { matmul(w: Param): Tensor }): Tensor {
    this.count.update((count) => count.add(1))
    return super.forward(x)
  }
}

/** A Module with any attributes. */
export class Foo extends Module {
  [key: string]: unknown

  constructor(attributes: Readonly<Record<string, unknown>> = {}) {
    super()
    Object.assign(this, attributes)
  }
}

/** Numbers of a Variable, a snapshot or a Tensor. */
export const numbers = (x: unknown): unknown => (x as { asTensor(): Tensor }).asTensor().toArray()
