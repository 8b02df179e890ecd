import { bind, type SortParams } from '@linum/tensor/core'
import { allBatched, type BatchRules } from './rule.js'

export const sortBatching: BatchRules<SortParams> = {
  sort: (application) =>
    bind('sort', allBatched(application), { ...application.params, axis: application.params.axis + 1 }),
}
