import { type Filter, Param, state, type Tensor, tree } from 'linum'

/** How many numbers of a model a filter selects. */
export const sizeOf = (model: object, filter: Filter = Param): number =>
  tree.leaves(state(model, filter)).reduce<number>((sum, leaf) => sum + (leaf as Tensor).size, 0)

/** A number for people. */
export const grouped = (n: number): string => n.toLocaleString('en')
