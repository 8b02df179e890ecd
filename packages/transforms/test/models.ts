import { array, ones, random, relu, type Tensor, type TensorLike, zeros } from '@linum/tensor'
import { BatchStat, Module, Param, type Rngs, Variable } from '@linum/graph'

export class Count extends Variable<Tensor> {
  declare readonly is: Variable['is'] & { readonly Count: true }
}

/** A tensor, or a Variable that stands for one. */
export type Operand = Exclude<TensorLike, number | boolean>

export const counter = (): Count => new Count(array(0, { dtype: 'int32' }))

export class Linear extends Module {
  w: Param
  b: Param
  readonly din: number
  readonly dout: number

  constructor(din: number, dout: number, { rngs }: { readonly rngs?: Rngs } = {}) {
    super()
    this.din = din
    this.dout = dout
    this.w = new Param(rngs === undefined ? ones([din, dout]) : random.normal(rngs.key('params'), [din, dout]))
    this.b = new Param(zeros([dout]))
  }

  forward(x: Operand): Tensor {
    return x.matmul(this.w).add(this.b)
  }
}

export class StatefulLinear extends Linear {
  count = new Count(array(0, { dtype: 'uint32' }))

  override forward(x: Operand): Tensor {
    this.count.update((count) => count.add(1))
    return super.forward(x)
  }
}

/** Two layers, running statistics between them, noise from the model's own keys, and a count of calls. */
export class Net extends Module {
  first: Linear
  second: Linear
  mean = new BatchStat(zeros([4]))
  calls = counter()
  rngs: Rngs
  training = true

  constructor({ rngs }: { readonly rngs: Rngs }) {
    super()
    this.first = new Linear(3, 4, { rngs })
    this.second = new Linear(4, 2, { rngs })
    this.rngs = rngs
  }

  forward(x: Operand): Tensor {
    this.calls.update((n) => n.add(1))
    const h = relu(this.first.forward(x))
    if (this.training) this.mean.update((m) => m.mul(0.9).add(h.mean({ axis: 0 }).mul(0.1)))
    const noise = this.training ? random.normal(this.rngs.key('noise'), h.shape).mul(0.01) : 0
    return this.second.forward(h.sub(this.mean.value).add(noise))
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

export const param = (value: number): Param => new Param(array(value).astype('float32'))

/** Numbers of a Variable, a snapshot or a Tensor. */
export const numbers = (x: unknown): unknown => (x as { asTensor(): Tensor }).asTensor().toArray()

/** What a call throws, as `Class: message`. */
export const thrown = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`
  }
  throw new Error('nothing was thrown')
}
