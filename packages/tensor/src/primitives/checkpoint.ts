import type { Program } from '../program/program.js'

/** Which of the intermediate results a checkpointed function keeps for its backward pass. */
export type CheckpointPolicy =
  | { readonly save: 'everything' | 'nothing' }
  | { readonly save: 'dots'; readonly batched: boolean }
  | { readonly save: 'names'; readonly names: readonly string[] }
  | { readonly save: 'namesExcept'; readonly names: readonly string[] }
  | { readonly save: 'either'; readonly policies: readonly CheckpointPolicy[] }

export interface CheckpointParams {
  /** Runs a program, whose backward pass computes it again but for what the policy keeps. */
  checkpoint: { readonly program: Program; readonly policy: CheckpointPolicy; readonly name: string }
}
