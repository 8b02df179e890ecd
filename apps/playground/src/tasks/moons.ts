import { Linear, Module, nn, np, random, Rngs, type Tensor } from 'linum'
import type { Field, Moons, Settings } from '../protocol.js'
import { adamFor, classify, predict } from './classifier.js'
import { plane } from './plane.js'
import type { Task } from './task.js'

/** Reads [n, 2] points, gives [n, 2] logits. */
export class Mlp extends Module {
  readonly first: Linear
  readonly second: Linear
  readonly head: Linear

  constructor(width: number, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.first = new Linear(2, width, { rngs })
    this.second = new Linear(width, width, { rngs })
    this.head = new Linear(width, 2, { rngs })
  }

  forward(x: Tensor): Tensor {
    return this.head.forward(nn.relu(this.second.forward(nn.relu(this.first.forward(x)))))
  }
}

/** Half circles around each other, `noise` off: [size, 2] points and their [size] classes in turn. */
export const moons = (key: Tensor, size: number, noise: number): readonly [points: Tensor, labels: Tensor] => {
  const [along, off] = [random.foldIn(key, 0), random.foldIn(key, 1)]
  const angle = random.uniform(along, [size], { maxval: Math.PI })
  const labels = np.arange(size).mod(2)
  const upper = np.stack([np.cos(angle), np.sin(angle)], { axis: 1 })
  const lower = np.stack([np.sub(1, np.cos(angle)), np.sub(0.5, np.sin(angle))], { axis: 1 })
  const points = np.where(labels.reshape([size, 1]).eq(0), upper, lower)
  return [points.add(random.normal(off, [size, 2]).mul(noise)), labels]
}

const [trainSize, testSize] = [384, 256]
/** The moons are the same for every training. */
const dataSeed = 0

/** The points at which the field is looked at: [columns x rows, 2]. */
const grid = (): Tensor => {
  const { left, right, top, bottom, columns, rows } = plane
  const x = np.broadcastTo(np.linspace(left, right, columns), [rows, columns])
  const y = np.broadcastTo(np.linspace(top, bottom, rows).reshape([rows, 1]), [rows, columns])
  return np.stack([x.reshape([-1]), y.reshape([-1])], { axis: 1 })
}

/** A network with two hidden layers learns which moon a point belongs to. */
export const openMoons = async ({ width = 16, noise = 0.1 }: Settings, seed: number): Promise<Task> => {
  const model = new Mlp(width, { rngs: new Rngs(seed) })
  const [points, labels] = moons(random.key(dataSeed), trainSize + testSize, noise)
  const [x, unseen] = np.split(points, [trainSize])
  const [y, truth] = np.split(labels, [trainSize])
  const batch = { x: x!, y: y!, size: trainSize }
  const places = grid()
  const data: Moons = {
    task: 'moons',
    points: Float32Array.from(await points.data(), Number),
    labels: Int32Array.from(await labels.data(), Number),
    train: trainSize,
  }
  return {
    model,
    optimizer: adamFor(model),
    example: np.zeros([1, 2]),
    data,
    next: () => batch,
    test: async () => Number((await predict(model, unseen!).eq(truth!).sum().data())[0]) / testSize,
    picture: async (): Promise<Field> => {
      const { columns: width, rows: height } = plane
      const values = await classify(model, places).slice('...', 1).data()
      return { task: 'moons', width, height, values: Float32Array.from(values, Number) }
    },
    read: null,
  }
}
