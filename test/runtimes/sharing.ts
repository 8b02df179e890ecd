import {
  convGeneralDilated,
  cumsum,
  jit,
  logsumexp,
  matmul,
  random,
  setThreads,
  softmax,
  sort,
  type Tensor,
  threads,
} from '@linum/tensor'
import { dataMismatch } from '../../packages/tensor/test/comparison.js'
import { meeting, openCrew } from '../../packages/tensor/test/wasm/crew.js'
import { pause } from './host.js'
import type { Check } from './suites.js'

/** Long enough for a worker to start on a machine that is busy with other things. */
const patience = 20_000

/** Two units of a job that wait for each other: only two threads at once get through. */
const meet = async (): Promise<string | null> => {
  const crew = openCrew(2)
  crew.pool.start()
  const end = performance.now() + patience
  while (!crew.pool.joined && crew.pool.size > 1 && performance.now() < end) await pause(5)
  if (!crew.pool.joined) return `no worker has joined: ${crew.pool.reason ?? 'it says nothing'}`
  const args = crew.allocate(64)
  crew.compile(meeting(2)).run(args, 2, 1)
  const taken = new Set(crew.at(args + 4, 2)).size
  crew.pool.resize(1)
  return taken === 2 ? null : 'one thread did the work of two'
}

const x = (): Tensor => random.normal(random.key(3), [300, 400])

/** Work for several threads: products, passes over elements, reductions of each kind, convolution, order, prefix sums. */
const programs: Readonly<Record<string, () => Tensor>> = {
  matmul: () => matmul(x(), x().transpose()),
  fused: () => jit((a: Tensor) => a.mul(0.5).exp().add(a.tanh()).sub(a.mul(a)))(x()),
  sum: () => x().sum(),
  columns: () => x().mean({ axis: 0 }),
  softmax: () => softmax(x()),
  logsumexp: () => jit((a: Tensor) => logsumexp(a.mul(3), { axis: 1 }))(x()),
  convolution: () =>
    convGeneralDilated(x().reshape([4, 100, 100, 3]), random.normal(random.key(4), [3, 3, 3, 16]), 1, 'SAME', {
      dimensionNumbers: ['NHWC', 'HWIO', 'NHWC'],
    }),
  sort: () => sort(x(), { axis: 0 }),
  cumsum: () => cumsum(x(), { axis: 1 }),
}

const repeats = 5

/** The elements are the same bits with one thread and with `count`, however often it runs. */
const sameBits = async (program: () => Tensor, count: number): Promise<string | null> => {
  setThreads(1)
  const { shape } = program()
  const want = Array.from((await program().data()) as ArrayLike<number>)
  setThreads(count)
  for (let k = 0; k < repeats; k++) {
    const failure = dataMismatch((await program().data()) as ArrayLike<number>, want, shape, { rtol: 0 })
    if (failure !== null) return failure
    await pause(10)
  }
  const { size, reason } = threads()
  return size === count && reason === null ? null : `${size} of ${count} threads are left: ${reason}`
}

/** What must hold where threads share memory. */
export const sharingChecks = (count: number): readonly Check[] => [
  { label: 'two threads meet in a job', run: meet },
  ...Object.entries(programs).map(([name, program]) => ({
    label: `${name} has the same bits with 1 and ${count} threads`,
    run: () => sameBits(program, count),
  })),
]

/** What must hold where they cannot: one thread, the reason, and a refusal of more. */
export const aloneChecks = (): readonly Check[] => [
  {
    label: 'one thread, and the reason',
    run: () => {
      const { size, reason } = threads()
      return Promise.resolve(size === 1 && reason !== null ? null : `${size} threads, reason ${reason}`)
    },
  },
  {
    label: 'more threads are refused',
    run: () => {
      try {
        setThreads(2)
        return Promise.resolve('setThreads(2) returned')
      } catch (error) {
        const { name } = error as Error
        return Promise.resolve(name === 'DeviceError' ? null : `threw ${name}`)
      }
    },
  },
]
