/** An end of the program that was foreseen: told in one line on stderr, without a stack. */
export class Failure extends Error {
  readonly exitCode: number = 1
}

/** What the user typed, or a file the user supplied, cannot be used. */
export class InputError extends Failure {
  override readonly exitCode: number = 2
}

/** Training cannot go on. */
export class TrainingError extends Failure {}

/** The user, or the system, asked the program to stop. */
export class Interrupted extends Failure {
  override readonly exitCode: number

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(signal === 'SIGINT' ? 'interrupted' : 'terminated')
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}
