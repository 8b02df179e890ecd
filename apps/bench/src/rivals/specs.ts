import type { ArraySpec } from './data.js'

export type Workload = 'mlp' | 'cnn' | 'gpt' | 'inference' | 'elementwise' | 'matmul' | 'tiny'

/** What a workload computes on. */
export interface WorkloadSpec {
  readonly title: string
  /** Trained values, in order. */
  readonly params: readonly ArraySpec[]
  /** The fixed batch. */
  readonly inputs: readonly ArraySpec[]
}

const linear = (name: string, din: number, dout: number): readonly ArraySpec[] => [
  { name: `${name}.kernel`, shape: [din, dout], draw: 1 / Math.sqrt(din) },
  { name: `${name}.bias`, shape: [dout], draw: 1 / Math.sqrt(din) },
]
const mlp = [...linear('l1', 784, 256), ...linear('l2', 256, 128), ...linear('l3', 128, 10)]

const conv = (name: string, din: number, dout: number): readonly ArraySpec[] => [
  { name: `${name}.kernel`, shape: [3, 3, din, dout], draw: 1 / Math.sqrt(9 * din) },
  { name: `${name}.bias`, shape: [dout], draw: 1 / Math.sqrt(9 * din) },
]

/** The sizes of the transformer. */
export const gptSizes: Readonly<Record<'vocabulary' | 'width' | 'layers' | 'heads' | 'time' | 'batch', number>> = {
  vocabulary: 65,
  width: 128,
  layers: 4,
  heads: 4,
  time: 64,
  batch: 16,
}

const norm = (name: string): readonly ArraySpec[] => [
  { name: `${name}.scale`, shape: [gptSizes.width], draw: 'ones' },
  { name: `${name}.bias`, shape: [gptSizes.width], draw: 'zeros' },
]
const block = (name: string): readonly ArraySpec[] => {
  const { width } = gptSizes
  return [
    ...norm(`${name}.norm1`),
    ...['query', 'key', 'value', 'out'].flatMap((part) => linear(`${name}.${part}`, width, width)),
    ...norm(`${name}.norm2`),
    ...linear(`${name}.up`, width, 4 * width),
    ...linear(`${name}.down`, 4 * width, width),
  ]
}
const gpt: readonly ArraySpec[] = [
  { name: 'token', shape: [gptSizes.vocabulary, gptSizes.width], draw: 0.02 },
  { name: 'position', shape: [gptSizes.time, gptSizes.width], draw: 0.02 },
  ...Array.from({ length: gptSizes.layers }, (_, i) => block(`block${i}`)).flat(),
  ...norm('norm'),
  { name: 'head.kernel', shape: [gptSizes.width, gptSizes.vocabulary], draw: 1 / Math.sqrt(gptSizes.width) },
]

/** The workloads. Losses are means; every step trains on the same batch and reads its loss. */
export const specs: Readonly<Record<Workload, WorkloadSpec>> = {
  mlp: {
    title: 'MLP 784-256-128-10, batch 64, Adam',
    params: mlp,
    inputs: [
      { name: 'x', shape: [64, 784], draw: 1 },
      { name: 'y', shape: [64], draw: { below: 10 } },
    ],
  },
  cnn: {
    title: 'CNN 28x28, batch 32, Adam',
    params: [
      ...conv('conv1', 1, 32),
      ...conv('conv2', 32, 64),
      ...linear('dense1', 3136, 128),
      ...linear('dense2', 128, 10),
    ],
    inputs: [
      { name: 'x', shape: [32, 28, 28, 1], draw: 1 },
      { name: 'y', shape: [32], draw: { below: 10 } },
    ],
  },
  gpt: {
    title: 'GPT, 4 layers of 128, batch 16 x 64, AdamW',
    params: gpt,
    inputs: [
      { name: 'x', shape: [16, 64], draw: { below: 65 } },
      { name: 'y', shape: [16, 64], draw: { below: 65 } },
    ],
  },
  inference: {
    title: 'MLP inference, batch 1',
    params: mlp,
    inputs: [{ name: 'x', shape: [1, 784], draw: 1 }],
  },
  elementwise: {
    title: '10 elementwise operations on 2^20',
    params: [],
    inputs: [
      { name: 'a', shape: [1048576], draw: 1 },
      { name: 'b', shape: [1048576], draw: 1 },
    ],
  },
  matmul: {
    title: 'matmul 1024 x 1024 x 1024',
    params: [],
    inputs: [
      { name: 'a', shape: [1024, 1024], draw: 1 },
      { name: 'b', shape: [1024, 1024], draw: 1 },
    ],
  },
  tiny: {
    title: 'MLP 2-32-1, batch 32, Adam',
    params: [...linear('l1', 2, 32), ...linear('l2', 32, 1)],
    inputs: [
      { name: 'x', shape: [32, 2], draw: 1 },
      { name: 'y', shape: [32, 1], draw: 1 },
    ],
  },
}

export const workloads: readonly Workload[] = Object.keys(specs) as Workload[]
