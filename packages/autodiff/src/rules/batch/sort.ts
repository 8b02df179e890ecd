import { bind, type PrimitiveParams } from '@linum/tensor/core'
import { allBatched, type BatchRules } from './rule.js'

type Params = Pick<PrimitiveParams, 'sort'>

export const sortBatching: BatchRules<Params> = {
  sort: (application) => bind('sort', allBatched(application), { axis: application.params.axis + 1 }),
}
