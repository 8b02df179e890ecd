import { Variable, VariableState } from '@linum/graph'
import { ArrayOps } from '@linum/tensor'
import { isArray, isLevel, mapLevel } from './level.js'

/** The value of a leaf, live or in a State, past hooks. */
export const rawLeaf = (leaf: unknown): unknown =>
  leaf instanceof Variable
    ? leaf.raw
    : leaf instanceof VariableState
      ? leaf.value
      : leaf instanceof ArrayOps
        ? leaf.asTensor()
        : leaf

/** A tree as transformations take it: plain objects in the place of States, of Variables and snapshots what they hold. */
export const rawTree = (x: unknown): unknown =>
  isArray(x) ? x.map(rawTree) : isLevel(x) ? mapLevel(rawTree, x) : rawLeaf(x)
