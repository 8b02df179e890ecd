import { vjp } from '@linum/autodiff'
import * as nn from '@linum/nn'
import type { Tensor } from '@linum/tensor'
import {
  decode,
  type Encoded,
  first,
  guarded,
  labelled,
  load,
  mismatch,
  parity,
  tensor,
  type Tolerance,
} from './fixture.js'
import { type TableCase, tableMismatch } from './layer-table.js'

parity('convolutions', load<TableCase>(import.meta.url, 'conv'), tableMismatch)

interface PoolingCase extends Tolerance {
  readonly fn: 'avgPool' | 'maxPool' | 'minPool' | 'pool'
  readonly args: readonly unknown[]
  readonly options: object
  readonly expect: Encoded
  readonly ct?: Encoded
  readonly grad?: Encoded
}

const poolingMismatch = (c: PoolingCase): Promise<string | null> =>
  guarded(async () => {
    const [x, ...rest] = c.args.map(decode) as [Tensor, ...unknown[]]
    const call = (t: Tensor): Tensor => (nn[c.fn] as (...args: unknown[]) => Tensor)(t, ...rest, c.options)
    const { ct, grad } = c
    return first(
      () => labelled('value', mismatch(call(x), c.expect, c)),
      async () =>
        ct === undefined || grad === undefined
          ? null
          : labelled('gradient', mismatch((vjp(call, [x])[1](tensor(ct) as never) as readonly unknown[])[0], grad, c)),
    )
  })

parity('pooling', load<PoolingCase>(import.meta.url, 'pooling'), poolingMismatch)
