/** Where to compute: a device of the library, for the GPU with the interface to reach it by. */
export type DeviceChoice = 'js' | 'wasm' | 'gpu-webgpu' | 'gpu-webgl2'

/** What can be learned. */
export type TaskName = 'moons' | 'digits'

/** The choices of a task by name, each a number. */
export type Settings = Readonly<Record<string, number>>

/** A training to set up. */
export interface Job {
  /** Comes with every reply that belongs to it. */
  readonly id: number
  readonly task: TaskName
  readonly settings: Settings
  /** The learning rate at the start. */
  readonly rate: number
  /** Decides the weights and the order of the examples. */
  readonly seed: number
  /** Where the digits are. */
  readonly digits: string
}

/** What the page asks of the worker. Requests are answered in their order. */
export type Request =
  /** Only the first request: starts the device. */
  | { readonly kind: 'start'; readonly device: DeviceChoice }
  | { readonly kind: 'open'; readonly job: Job }
  | { readonly kind: 'run' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step' }
  | { readonly kind: 'rate'; readonly rate: number }
  /** 28 x 28 levels from 0 to 1, to be read by the model as it is now. */
  | { readonly kind: 'read'; readonly image: Float32Array }

/** Two moons: `[x, y]` in turn and the class of each point; the first `train` points are learned, the others test. */
export interface Moons {
  readonly task: 'moons'
  readonly points: Float32Array
  readonly labels: Int32Array
  readonly train: number
}

/** Digits that are not learned, for the page to show: 28 x 28 grey levels each. */
export interface Samples {
  readonly task: 'digits'
  readonly images: Uint8Array
  readonly labels: Int32Array
}

/** How sure the model is of the second class, on a grid of points of the plane, row by row from the top. */
export interface Field {
  readonly task: 'moons'
  readonly width: number
  readonly height: number
  readonly values: Float32Array
}

/** What the model takes each sample for: ten probabilities in turn. */
export interface Readings {
  readonly task: 'digits'
  readonly probabilities: Float32Array
}

/** A model as the library shows it. */
export interface ModelText {
  /** `display(model).html`: a page of its own. */
  readonly html: string
  /** `display(model).text`. */
  readonly tree: string
  /** `tabulate(model, [x])`. */
  readonly table: string
}

/** What the worker tells, and of which job: 0 before the first. */
export interface Told {
  readonly job: number
  readonly reply: Reply
}

export type Reply =
  | { readonly kind: 'started'; readonly description: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'opened'; readonly data: Moons | Samples; readonly parameters: number }
  | { readonly kind: 'running'; readonly running: boolean }
  | {
      readonly kind: 'progress'
      /** Steps taken since the training was set up. */
      readonly steps: number
      /** Loss and accuracy of the batches of the last steps. */
      readonly losses: Float32Array
      readonly accuracies: Float32Array
      /** null where it has not run long enough to tell. */
      readonly stepsPerSecond: number | null
    }
  /** The share of unseen examples that the model has right. */
  | { readonly kind: 'tested'; readonly steps: number; readonly accuracy: number }
  | { readonly kind: 'picture'; readonly picture: Field | Readings }
  | { readonly kind: 'model'; readonly model: ModelText }
  | { readonly kind: 'read'; readonly probabilities: Float32Array }
  /** The request, or the training, came to nothing; the training is paused. */
  | { readonly kind: 'failed'; readonly message: string }
