import { BatchNorm, Dropout, Module, nn, np, Param, random, type Rngs, type Tensor, Variable } from 'linum'

export class Linear extends Module {
  w: Param
  b: Param
  constructor(
    readonly din: number,
    readonly dout: number,
    { rngs }: { rngs: Rngs },
  ) {
    super()
    this.w = new Param(random.uniform(rngs.key('params'), [din, dout]))
    this.b = new Param(np.zeros([dout]))
  }
  forward(x: Tensor): Tensor {
    return x.matmul(this.w).add(this.b)
  }
}

export class Count extends Variable<Tensor> {
  declare readonly is: Variable['is'] & { readonly Count: true }
}

export class LoraParam extends Param {
  declare readonly is: Param['is'] & { readonly LoraParam: true }
}

/** A linear layer plus the product of two narrow matrices. */
export class LoraLinear extends Module {
  linear: Linear | LoraLinear
  A: LoraParam
  B: LoraParam
  readonly din: number
  readonly dout: number
  constructor(linear: Linear | LoraLinear, rank: number, rngs: Rngs) {
    super()
    this.linear = linear
    this.din = linear.din
    this.dout = linear.dout
    this.A = new LoraParam(random.normal(rngs.key(), [linear.din, rank]))
    this.B = new LoraParam(random.normal(rngs.key(), [rank, linear.dout]))
  }
  forward(x: Tensor): Tensor {
    return this.linear.forward(x).add(x.matmul(this.A).matmul(this.B))
  }
}

export class MLP extends Module {
  linear1: Linear | LoraLinear
  dropout: Dropout
  bn: BatchNorm
  linear2: Linear | LoraLinear
  constructor(din: number, dmid: number, dout: number, { rngs }: { rngs: Rngs }) {
    super()
    this.linear1 = new Linear(din, dmid, { rngs })
    this.dropout = new Dropout(0.1, { rngs })
    this.bn = new BatchNorm(dmid, { rngs })
    this.linear2 = new Linear(dmid, dout, { rngs })
  }
  forward(x: Tensor): Tensor {
    return this.linear2.forward(nn.gelu(this.dropout.forward(this.bn.forward(this.linear1.forward(x)))))
  }
}

export class StatefulLinear extends Module {
  w: Param
  b: Param
  count: Count
  constructor(din: number, dout: number, { rngs }: { rngs: Rngs }) {
    super()
    this.w = new Param(random.uniform(rngs.key(), [din, dout]))
    this.b = new Param(np.zeros([dout]))
    this.count = new Count(np.array(0, { dtype: 'uint32' }))
  }
  forward(x: Tensor): Tensor {
    this.count.update((count) => count.add(1))
    return x.matmul(this.w).add(this.b)
  }
}

/** The same layer twice. */
export class Pair extends Module {
  a: Linear
  b: Linear
  constructor(layer: Linear) {
    super()
    this.a = layer
    this.b = layer
  }
}
