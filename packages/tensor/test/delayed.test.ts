import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { array, DeviceError, jit, random, setDefaultDevice, Tensor, TraceError, tree, withDevice } from '@linum/tensor'
import { addDevice, defaultDevice } from '@linum/tensor/core'
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished } from 'vitest'
import { DelayedDevice } from './delayed-device.js'
import { inputsOf, randomProgram, runProgram } from './random-program.js'

const device = new DelayedDevice('delayed')
afterAll(addDevice(device))
beforeEach(() => setDefaultDevice('delayed'))
const initial = defaultDevice().name
afterEach(() => setDefaultDevice(initial))

const read = async (x: Tensor): Promise<number[]> => Array.from(await x.data())

/** What a user may do without waiting, and its value on the js device. */
const sample: Readonly<Record<string, () => Tensor>> = {
  arithmetic: () =>
    array([1, 2, 3])
      .mul(2)
      .add(array([4, 5, 6]))
      .div(3),
  'a number on the left': () => np.sub(1, array([1, 2])),
  'numbers alone': () => np.add(1, 2).mul(3),
  comparison: () => array([1, 2, 3]).greater(2),
  choice: () => np.where(array([true, false]), 1, array([7, 8])),
  clip: () => np.arange(5).clip(1, 3),
  'integer arithmetic': () => np.arange(6).floorDivide(4).add(np.arange(6).mod(4)),
  power: () =>
    array([1, 2, 3])
      .pow(3)
      .add(array([4]).pow(0.5)),
  conversion: () => array([1.5, -2.5]).astype('int32'),
  reshape: () => np.arange(6).reshape([2, 3]).T.ravel(),
  slice: () => np.arange(10).slice('::-2'),
  'an element': () => np.arange(10).slice(-1),
  pad: () => np.pad(array([1, 2]), [[1, 2]], { constantValues: 9 }),
  join: () => np.concatenate([np.stack([array([1, 2]), array([3, 4])]), np.zeros([1, 2])]).ravel(),
  split: () => np.split(np.arange(6), 3)[1]!,
  sum: () => np.arange(12).reshape([3, 4]).sum({ axis: 0 }),
  statistics: () => np.stack([array([1, 2, 4]).mean(), array([1, 2, 4]).var(), array([1, 2, 4]).std()]),
  extremes: () =>
    np.stack([array([1, 5, 4]).max(), array([1, 5, 4]).min(), array([1, 5, 4]).argmax().astype('float32')]),
  softmax: () => np.softmax(array([1, 2, 3])),
  logsumexp: () => np.logsumexp(array([1, 2, 3])),
  cumsum: () => np.arange(5).cumsum(),
  sort: () => array([3, 1, 2]).sort({ descending: true }),
  argsort: () => array([3, 1, 2]).argsort(),
  matmul: () => np.arange(6).reshape([2, 3]).matmul(np.arange(3)),
  take: () => np.arange(10).take(array([1, 5], { dtype: 'int32' })),
  oneHot: () => np.oneHot(array([1, 0], { dtype: 'int32' }), 3),
  creation: () =>
    np.concatenate([np.eye(2).ravel(), np.linspace(0, 1, 3), np.full([2], 7), np.tril(np.ones([2, 2])).ravel()]),
  'a tensor among numbers': () => array([1, array([2]).sum(), 3]),
  'random numbers': () => random.uniform(random.key(1), [4]),
  'normal numbers': () => random.normal(random.foldIn(random.key(1), 2), [4]),
  integers: () => random.randint(random.key(3), [4], 0, 10),
  permutation: () => random.permutation(random.key(4), 6),
  'keys of keys': () => random.keyData(random.split(random.split(random.key(5)).slice(1), 3)),
  'a jitted function': () => jit((x: Tensor) => x.mul(2).sum())(np.arange(5)),
  'a jitted function of a number': () => jit((x: np.TensorLike) => np.add(x, 1))(5),
  'a jitted function with a captured scalar': () =>
    ((s: Tensor) => jit((x: Tensor) => x.mul(s))(np.arange(3)))(array([3]).sum()),
  'a scan': () => np.scan((c: Tensor, x: Tensor) => [c.add(x), c] as const, array([0]).sum(), array([1, 2, 3]))[1],
}

describe('no operation waits', () => {
  test.each(Object.keys(sample))('of %s', async (name) => {
    const before = device.log.length
    const later = sample[name]!()
    expect(device.log.length).toBe(before)
    expect(later.device).toBe('delayed')
    const now = withDevice('js', sample[name]!)
    expect([later.shape, later.dtype]).toEqual([now.shape, now.dtype])
    expect(await read(later)).toEqual(await read(now))
  })

  test.prop([randomProgram('anything', 8)], { numRuns: 40 })(
    'in a random program, whose results are those of the js device',
    async (program) => {
      const later = runProgram(program, inputsOf(program))
      const compiled = jit((...xs: Tensor[]) => runProgram(program, xs))(...inputsOf(program))
      const now = withDevice('js', () => runProgram(program, inputsOf(program)))
      for (const results of [later, compiled])
        expect(await Promise.all(results.map(read))).toEqual(await Promise.all(now.map(read)))
    },
  )

  test('in a loop of compiled steps, whose values come when they are awaited', async () => {
    const step = jit((w: Tensor, x: Tensor) => {
      const error = x.matmul(w).sub(1)
      return { w: w.sub(x.T.matmul(error).mul(0.1)), loss: error.square().mean() }
    })
    const train = (): readonly [Tensor, Tensor[]] => {
      const x = array([
        [1, 2],
        [3, 4],
        [5, 6],
      ]).div(10)
      let w = np.zeros([2])
      const losses: Tensor[] = []
      for (let i = 0; i < 50; i++) {
        const next = step(w, x)
        w = next.w
        losses.push(next.loss)
      }
      return [w, losses]
    }
    const done = device.log.length
    const [w, losses] = train()
    expect(device.log.length).toBe(done)
    expect(device.pending).toBeGreaterThan(50)
    const [expectedW, expectedLosses] = withDevice('js', train)
    expect(await read(w)).toEqual(await read(expectedW))
    expect(await Promise.all(losses.map(read))).toEqual(await Promise.all(expectedLosses.map(read)))
  })
})

describe('an unread tensor', () => {
  test('cannot be read synchronously', () => {
    const x = array([1, 2]).add(1)
    const remedy = "this tensor has not been read from 'delayed' yet; await x.data() first"
    expect(() => x.dataSync()).toThrow(new DeviceError(`dataSync: ${remedy}`))
    expect(() => x.toArray()).toThrow(new DeviceError(`toArray: ${remedy}`))
    expect(() => x.sum().item()).toThrow(new DeviceError(`item: ${remedy}`))
    expect(() => Number(x.sum())).toThrow(new DeviceError(`item: ${remedy}`))
    expect(() => x.to('js')).toThrow(new DeviceError(`to: ${remedy}`))
  })

  test('prints its shape and that it is unread, and never throws', () => {
    const x = np.zeros([2, 3]).add(1)
    expect(String(x)).toBe('Tensor(f32[2,3], delayed, unread)')
    expect(`${random.key(0)}`).toBe('Tensor(key[], delayed, unread)')
  })

  test('can be read synchronously, printed and moved after it was awaited once', async () => {
    const x = array([1, 2]).add(1)
    await x.data()
    expect(x.dataSync()).toEqual(Float32Array.of(2, 3))
    expect(x.toArray()).toEqual([2, 3])
    expect(String(x)).toBe('[2. 3.]')
    expect(x.to('js').device).toBe('js')
    expect(x.to('js').add(1).toArray()).toEqual([3, 4])
  })

  test('shares what was read with the tensors that share its elements', async () => {
    const x = np.arange(4).add(0)
    const y = x.reshape([2, 2])
    await y.data()
    expect(x.toArray()).toEqual([0, 1, 2, 3])
  })

  test('hands out a copy with every read', async () => {
    const x = array([1, 2])
    const first = await x.data()
    first[0] = 99
    expect(await read(x)).toEqual([1, 2])
    x.dataSync()[0] = 99
    expect(x.toArray()).toEqual([1, 2])
  })

  test('copies what was given to it at once', async () => {
    const source = Float32Array.of(1, 2)
    const x = array(source)
    source[0] = 99
    expect(await read(x)).toEqual([1, 2])
  })
})

describe('a disposed tensor', () => {
  test('leaves what was computed from it before, though that has not happened yet', async () => {
    const x = array([1, 2])
    const y = x.add(1)
    x[Symbol.dispose]()
    expect(await read(y)).toEqual([2, 3])
    expect(() => x.add(1)).toThrow(TraceError)
  })

  test('that is being read resolves that read, and none after it', async () => {
    const x = array([1, 2]).add(1)
    const reading = x.data()
    x[Symbol.dispose]()
    expect(await reading).toEqual(Float32Array.of(2, 3))
    expect(() => x.toArray()).toThrow(TraceError)
    await expect(x.data()).rejects.toThrow(TraceError)
  })

  test('frees a buffer that several results share once', () => {
    const f = jit((x: Tensor) => {
      const y = x.add(1)
      return [y, y.reshape([2, 1]), y, x]
    })
    for (const result of f(array([1, 2]))) expect(() => result[Symbol.dispose]()).not.toThrow()
  })
})

describe('a failing kernel', () => {
  test('rejects at the next read of its result, and of what was computed from it', async () => {
    const x = array([1, 2])
    device.failNext('out of memory')
    const bad = x.add(1)
    const worse = bad.mul(2).sum()
    await expect(worse.data()).rejects.toThrow(new DeviceError('out of memory'))
    await expect(bad.data()).rejects.toThrow(DeviceError)
    await expect(bad.data()).rejects.toThrow('out of memory')
  })

  test('leaves its operands and all other work as they were', async () => {
    const x = array([1, 2])
    device.failNext('lost')
    const bad = x.add(1)
    const good = x.add(1)
    await expect(bad.data()).rejects.toThrow('lost')
    expect(await read(good)).toEqual([2, 3])
    expect(await read(x)).toEqual([1, 2])
  })
})

describe('the queue', () => {
  test('keeps the order of what was asked for', async () => {
    await read(np.zeros([1]))
    const from = device.log.length
    const x = array([1, 2, 3, 4, 5, 6, 7])
    const y = jit((v: Tensor) => v.mul(3))(x)
    await read(y)
    expect(device.log.slice(from)).toEqual(['upload', 'compile', 'run', 'read'])
  })

  test.each([
    ['microtasks', queueMicrotask],
    ['timers', (work: () => void) => void setTimeout(work, 1)],
  ] as const)('may be worked off in %s', async (name, later) => {
    const own = new DelayedDevice(name, later)
    onTestFinished(addDevice(own))
    setDefaultDevice(name)
    const x = np.arange(4).mul(2).sum()
    expect(x.device).toBe(name)
    expect(await read(x)).toEqual([12])
  })
})

describe('tensors on two devices', () => {
  test('do not mix, whatever the order', () => {
    const here = withDevice('js', () => array([1, 2]))
    const there = array([3, 4])
    expect(() => here.add(there)).toThrow(
      new DeviceError("add: tensors are on different devices, got 'js' and 'delayed'; move one with x.to('js')"),
    )
    expect(() => there.add(here)).toThrow("got 'delayed' and 'js'; move one with x.to('delayed')")
    expect(() => jit((a: Tensor, b: Tensor) => a.add(b))(here, there)).toThrow(DeviceError)
    expect(here.toArray()).toEqual([1, 2])
  })

  test('mix with numbers, which follow them without waiting', async () => {
    const here = withDevice('js', () => array([1, 2]))
    expect(here.mul(3.5).device).toBe('js')
    expect(here.mul(3.5).toArray()).toEqual([3.5, 7])
    const there = array([1, 2])
    expect(await read(withDevice('js', () => there.mul(4.5)))).toEqual([4.5, 9])
  })

  test('give their results where they are, whatever the default device is', async () => {
    const there = array([1, 2])
    const f = jit((x: Tensor) => ({ a: x.add(1), b: x }))
    const out = withDevice('js', () => f(there))
    expect(tree.leaves(out).map((x) => (x as Tensor).device)).toEqual(['delayed', 'delayed'])
    expect(await read(out.a)).toEqual([2, 3])
  })
})

test.prop([fc.array(fc.constantFrom('read', 'compute', 'upload', 'yield'), { maxLength: 12 })], { numRuns: 20 })(
  'interleaved reads see exactly what was computed before them',
  async (steps) => {
    let x = array([0])
    const seen: Promise<number[]>[] = []
    const expected: number[] = []
    let value = 0
    for (const step of steps) {
      if (step === 'compute') [x, value] = [x.add(1), value + 1]
      else if (step === 'upload') [x, value] = [array([value + 10]), value + 10]
      else if (step === 'yield') await new Promise((resolve) => void setTimeout(resolve))
      else {
        seen.push(read(x))
        expected.push(value)
      }
    }
    expect((await Promise.all(seen)).flat()).toEqual(expected)
  },
)
