export { all, broadcast, flattenWithPath, transpose } from './combine.js'
export { auxEqual, register, type TreeNode } from './node.js'
export {
  flatten,
  keystr,
  leaves,
  leavesWithPath,
  map,
  mapWithPath,
  type Path,
  reduce,
  structure,
  type Tree,
  TreeDef,
  unflatten,
} from './tree.js'
