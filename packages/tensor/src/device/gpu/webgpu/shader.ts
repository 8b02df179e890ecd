/** Whether a shader only reads a buffer. */
export type Access = 'read' | 'write'

/**
 * A compute shader, but for where its operands lie. In `body`, the statements of its one function, `$k[i]` is word i of
 * operand k, an i32 index that need not be in parentheses unless it shifts or compares. Its own names are `lane: i32`,
 * the number of the thread in its workgroup, `group: i32`, that of the workgroup, and `p0`, `p1` ...: i32, the runtime
 * parameters. All of them but `lane` are uniform in a workgroup. Functions cannot refer to any of these.
 */
export interface Shader {
  /** How each operand is used. One that is written may also be read. */
  readonly operands: readonly Access[]
  /** Threads of a workgroup, at most 256. */
  readonly threads: number
  /** The number of runtime parameters. */
  readonly params: number
  /**
   * Words of an element of every buffer, u32 or vec4<u32>; with 4, `$k[i]` is the i-th vector of the operand. An operand
   * that starts anywhere but at a multiple of four words cannot be used so: an input of a scan's step may.
   */
  readonly width?: 1 | 4
  /** Declarations outside the function, in order: functions, constants, workgroup variables. */
  readonly declarations: readonly string[]
  readonly body: string
}

/** A shader at work: every group of it must find its work by its number, and do nothing for one that is too large. */
export interface Dispatch {
  readonly shader: Shader
  /** By the shader's operand, the step's: its inputs, then its outputs, then its temporaries. */
  readonly operands: readonly number[]
  readonly params: readonly number[]
  /** Workgroups, any number: above the device's limit more run than asked for. */
  readonly groups: number
}

/** A step's dispatches, run one after the other: each sees what those before it wrote. */
export interface StepCode {
  readonly dispatches: readonly Dispatch[]
  /** Words of each buffer that the dispatches need besides inputs and outputs. Their contents are rubbish at first. */
  readonly temporaries: readonly number[]
}
