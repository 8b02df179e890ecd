import { display, np, Param, state, tabulate, type Tensor, tree } from 'linum'
import type { Job, ModelText, Reply } from '../protocol.js'
import { rateOf, trainStep } from '../tasks/classifier.js'
import { openDigits } from '../tasks/digits.js'
import { openMoons } from '../tasks/moons.js'
import type { Task } from '../tasks/task.js'
import { cadence } from './cadence.js'
import { makePace } from './pace.js'

type Post = (reply: Reply) => void

/** The page is told this often, at most. */
const tellMs = 50

/** Steps until the results are read, which lets a device work ahead, and requests are heard. */
const [mostSteps, mostMs] = [32, 40]

/** A training that is set up: goes on by steps and tells how it stands. */
export interface Training {
  readonly task: Task
  readonly setRate: (rate: number) => void
  /** Takes some steps, and tests and shows what is due. Throws where the loss is no longer finite. */
  readonly advance: () => Promise<void>
  /** Takes one step, tests and shows. */
  readonly step: () => Promise<void>
  /** Begins to measure the pace anew. */
  readonly resume: () => void
  /** Tests, and shows everything. */
  readonly show: () => Promise<void>
}

const openTask = ({ task, settings, seed, digits }: Job): Promise<Task> =>
  task === 'moons' ? openMoons(settings, seed) : openDigits(settings, seed, digits)

const sizeOf = (task: Task): number =>
  tree.leaves(state(task.model, Param)).reduce<number>((sum, leaf) => sum + (leaf as Tensor).size, 0)

const describe = ({ model, example }: Task): ModelText => {
  const { html, text } = display(model)
  return { html, tree: text, table: tabulate(model, [example]) }
}

/** Sets a training up and tells what the page needs to show it. */
export const openTraining = async (job: Job, post: Post): Promise<Training> => {
  const task = await openTask(job)
  const [pace, testing, picturing] = [makePace(), cadence(400), cadence(120)]
  let steps = 0
  let tested = -1
  let [losses, accuracies, toldAt]: [number[], number[], number] = [[], [], -Infinity]
  let unread: { readonly loss: Tensor; readonly right: Tensor; readonly size: number }[] = []

  const setRate = (rate: number): void => {
    rateOf(task.optimizer).value = np.array(rate)
  }
  const takeStep = async (): Promise<void> => {
    const { x, y, size } = await task.next()
    const [loss, right] = trainStep(task.model, task.optimizer, x, y)
    unread.push({ loss, right, size })
    steps += 1
  }
  const tell = (): void => {
    const told = { losses: Float32Array.from(losses), accuracies: Float32Array.from(accuracies) }
    ;[losses, accuracies, toldAt] = [[], [], performance.now()]
    post({ kind: 'progress', steps, ...told, stepsPerSecond: pace.perSecond() })
  }
  const read = async (): Promise<void> => {
    const results = unread
    unread = []
    const first = steps - results.length + 1
    const values = await Promise.all(
      results.map(async ({ loss, right, size }) => [(await loss.data())[0], Number((await right.data())[0]) / size]),
    )
    losses.push(...values.map(([loss]) => Number(loss)))
    accuracies.push(...values.map(([, accuracy]) => Number(accuracy)))
    pace.mark(steps)
    const wrong = values.findIndex(([loss]) => !Number.isFinite(loss))
    if (wrong < 0) return
    tell()
    throw new Error(`The loss became ${values[wrong]![0]} in step ${first + wrong}. Lower the learning rate and reset.`)
  }
  const test = async (): Promise<void> => {
    if (tested === steps) return
    const accuracy = await testing.perform(() => task.test())
    tested = steps
    post({ kind: 'tested', steps, accuracy })
  }
  const picture = async (): Promise<void> =>
    post({ kind: 'picture', picture: await picturing.perform(() => task.picture()) })

  setRate(job.rate)
  post({ kind: 'opened', data: task.data, parameters: sizeOf(task) })
  const training: Training = {
    task,
    setRate,
    resume: () => pace.restart(steps),
    advance: async () => {
      const from = performance.now()
      for (let k = 0; k < mostSteps && performance.now() - from < mostMs; k++) await takeStep()
      await read()
      if (performance.now() - toldAt >= tellMs) tell()
      if (picturing.due()) await picture()
      if (testing.due()) await test()
    },
    step: async () => {
      pace.restart(steps)
      await takeStep()
      await read()
      await training.show()
    },
    show: async () => {
      tell()
      await picture()
      await test()
      post({ kind: 'model', model: describe(task) })
    },
  }
  // The first test waits until there is something to test: on a slow device it takes seconds.
  await picture()
  post({ kind: 'model', model: describe(task) })
  return training
}
