import { flatState, type Module, Rngs, state, type VariableState } from '@linum/graph'
import * as nn from '@linum/nn'
import type { Tensor } from '@linum/tensor'
import { vmap } from '@linum/transforms'
import { vjp } from '@linum/autodiff'
import {
  type Encoded,
  first,
  guarded,
  labelled,
  load,
  mismatch,
  parity,
  tensor,
  type Tolerance,
  treeMismatch,
} from './fixture.js'
import { type TableCase, tableMismatch } from './layer-table.js'

parity('normalization', load<TableCase>(import.meta.url, 'normalization'), tableMismatch)

interface AcrossCase extends Tolerance {
  readonly fn: 'BatchNorm' | 'LayerNorm' | 'RMSNorm' | 'InstanceNorm' | 'GroupNorm'
  readonly args: readonly [number]
  readonly options: object
  readonly x: Encoded
  readonly out: Encoded
  readonly ct: Encoded
  readonly gradX: Encoded
  readonly after: Readonly<Record<string, Encoded>>
}

type Norm = Module & { forward(x: Tensor): Tensor }

const acrossMismatch = (c: AcrossCase): Promise<string | null> =>
  guarded(async () => {
    const Class = nn[c.fn] as new (n: number, options: object) => Norm
    const make = (): Norm => new Class(c.args[0], { ...c.options, rngs: new Rngs(0) })
    const over = vmap((m: Norm, x: Tensor) => m.forward(x), { inAxes: [null, 0], axisName: 'batch' })
    const model = make()
    const out = over(model, tensor(c.x))
    const [, back] = vjp((x: Tensor) => over(make(), x), [tensor(c.x)])
    const leaves = flatState<VariableState>(state(model)).map(([path, leaf]) => [path.join('/'), leaf.asTensor()])
    return first(
      () => labelled('output', mismatch(out, c.out, c)),
      () => labelled('state', treeMismatch(Object.fromEntries(leaves), c.after, c)),
      () => labelled('gradient', mismatch((back(tensor(c.ct)) as readonly unknown[])[0], c.gradX, c)),
    )
  })

parity('normalization over a named axis', load<AcrossCase>(import.meta.url, 'norm-across'), acrossMismatch)
