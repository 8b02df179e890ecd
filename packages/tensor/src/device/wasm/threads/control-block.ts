/**
 * Where threads meet, at fixed addresses below the heap. Words that several threads write lie on cache lines of their
 * own. The pair of words at `unclaimed` and `job` is also read and swapped as one of eight bytes, so that a chunk is
 * claimed only of the job that it was looked up in.
 */
export const control: {
  /** Chunks of the current job that nobody has claimed. */
  readonly unclaimed: number
  /** The number of the current job; changes with every job, and when workers shall leave. */
  readonly job: number
  /** Chunks that workers have finished. */
  readonly done: number
  /** Workers that sleep until `job` changes. */
  readonly parked: number
  /** How many chunks of workers the forking thread sleeps for. */
  readonly awaited: number
  /** The forking thread's claims. */
  readonly own: number
  /** 1 while a job runs. */
  readonly busy: number
  readonly entry: number
  readonly args: number
  readonly units: number
  readonly grain: number
  readonly chunks: number
  /** The address of the program's descriptor and its number. */
  readonly program: number
  readonly id: number
  /** Workers started for another crew leave. */
  readonly crew: number
  /** The newest crew of which a worker is ready. */
  readonly ready: number
  /** Whether the forking thread may sleep. */
  readonly sleeps: number
  /** How often an idle worker looks for a job before it sleeps; at least once. */
  readonly workerSpins: number
  /** How often the forking thread looks for the last chunks to be done before it sleeps; at least once. */
  readonly forkSpins: number
  /** Waits of about 10 ms without any chunk done after which a worker counts as lost. */
  readonly patience: number
  /** See `failures`. */
  readonly failure: number
  /** The length of the text of an error in a worker, and the text, one byte a character. */
  readonly messageLength: number
  readonly message: number
  readonly messageBytes: number
  /** The first byte behind all that. */
  readonly end: number
} = {
  unclaimed: 128,
  job: 132,
  done: 256,
  parked: 384,
  awaited: 512,
  own: 516,
  busy: 520,
  entry: 640,
  args: 644,
  units: 648,
  grain: 652,
  chunks: 656,
  program: 660,
  id: 664,
  crew: 768,
  ready: 772,
  sleeps: 776,
  workerSpins: 780,
  forkSpins: 784,
  patience: 788,
  failure: 896,
  messageLength: 900,
  message: 904,
  messageBytes: 256,
  end: 1280,
}

/** What `control.failure` says: a chunk of the current job threw in a worker; a worker never finished a chunk. */
export const failures = { none: 0, thrown: 1, lost: 2 } as const
