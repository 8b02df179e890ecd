/** What a shader of products does, but for its operands. */
export interface Work {
  readonly threads: number
  readonly parameters: readonly number[]
  readonly groups: number
  readonly declarations: readonly string[]
  readonly body: string
}
