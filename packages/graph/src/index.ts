export { Dict, List } from './containers.js'
export {
  currentUpdateContext,
  type MergeContext,
  mergeContext,
  type SplitContext,
  splitContext,
  UpdateContext,
  updateContext,
  withUpdates,
} from './context.js'
export { display, type Displayed } from './display/display.js'
export { renderTree } from './display/text.js'
export { flattenAgainst } from './flatten/flatten-against.js'
export { type Flat, flatten, type FlattenOptions, type RefIndex } from './flatten/flatten.js'
export { flattenInterned } from './flatten/interned.js'
export { type IndexRef, unflatten, type UnflattenOptions } from './flatten/unflatten.js'
export { cachedPartial, lifted } from './functional/cached-partial.js'
export { call } from './functional/call.js'
export type { Caller, PureState } from './functional/caller.js'
export { leavesOf } from './functional/leaves.js'
export { map } from './functional/map.js'
export { clone, type CloneOptions, merge } from './functional/merge.js'
export { pop } from './functional/pop.js'
export { graphdef, split, state, variables } from './functional/split.js'
export { selectFlat, splitFlat } from './functional/split-flat.js'
export { type CarriedGraphDef, type GraphState, isGraphState, unpack } from './functional/unpack.js'
export { update } from './functional/update.js'
export {
  type Attribute,
  type Definition,
  GraphDef,
  type Layout,
  type LeafDef,
  type NodeDef,
  type NodeRef,
  type VariableDef,
} from './graphdef.js'
export { compareKeys, comparePaths } from './keys.js'
export { isGraphNode, isModule, type NodeType, nodeType, type PytreeType, registerNode } from './kinds.js'
export { type Attributes, setAttributes } from './modes.js'
export { type Layer, Module, Pytree } from './module.js'
export { capture, type Captured, type CaptureOptions } from './modules/capture.js'
export type { SowOptions } from './modules/sow.js'
export { view, type ViewOptions, viewInfo, withAttributes } from './modules/view.js'
export { type Around, type RngBackup, RngBackups, restoreRngs } from './rngs/backups.js'
export { reseed, type ReseedOptions, type ReseedPolicy } from './rngs/reseed.js'
export { Rngs, type Seeds } from './rngs/rngs.js'
export type { SplitRules } from './rngs/rules.js'
export { forkRngs, type ForkRngsOptions, splitRngs, type SplitRngsOptions } from './rngs/split-rngs.js'
export { RngStream, type Seed, type Splits } from './rngs/stream.js'
export { withRngs, type WithRngsOptions } from './rngs/with-rngs.js'
export { at } from './state/at.js'
export { editState, type StateDraft } from './state/edit.js'
export { type FlatState, flatState, fromFlatState } from './state/flat-state.js'
export { diffState, filterState, mapState, mergeState, splitState } from './state/operations.js'
export { type PureDict, replaceByPureDict, restoreIntPaths, toPureDict } from './state/pure-dict.js'
export { isState, type State, type StateLeaf } from './state/state.js'
export type {
  DynamicStates,
  Leaf,
  PopResult,
  Split,
  StateOf,
  StateResult,
  stateShape,
  UpdateOf,
} from './state/state-of.js'
export { staticEqual, staticHash, type Structural } from './structural.js'
export { NodeStates } from './tree/node-states.js'
export { prefix, type PrefixRules } from './tree/prefix.js'
export { asPure, type Pure, withVars } from './tree/pure.js'
export { fromTree, type FromTreeOptions, toTree, type ToTreeOptions } from './tree/to-tree.js'
export { findDuplicates, type FindDuplicatesOptions } from './traverse/duplicates.js'
export { iterChildren, iterGraph, iterModuleChildren, iterModules, type Visit } from './traverse/iterate.js'
export { recursiveMap } from './traverse/recursive-map.js'
export { setMetadata, type SetMetadataOptions } from './traverse/set-metadata.js'
export type { AxisHook, Metadata, ValueHook } from './variable/metadata.js'
export { VariableMetadata, withMetadata } from './variable/variable-metadata.js'
export { watchOuterReads } from './variable/outer-reads.js'
export { VariableState } from './variable/variable-state.js'
export {
  BatchStat,
  Cache,
  Intermediate,
  LoRAParam,
  MetricState,
  OptArray,
  OptState,
  OptVariable,
  Param,
  Perturbation,
  RngCount,
  RngKey,
  RngState,
} from './variable/classes.js'
export { checkMutable, storeSole, Variable, type VariableClass } from './variable/variable.js'
