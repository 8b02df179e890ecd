import { array, type DeviceMemory, devices, jit, memory, ones, scope, type Tensor, TraceError } from '@linum/tensor'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What the default device's tensors take. */
const taken = (): DeviceMemory => memory()[devices().find((d) => d.default)!.name]!

const collect = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise((resolve) => void setTimeout(resolve, 5))
  }
}

describe('a scope', () => {
  test('keeps what it returns and frees the rest', () => {
    let inner: Tensor | undefined
    const { sum, pair } = scope(() => {
      const x = ones([4])
      inner = x.mul(2)
      return { sum: inner.sum(), pair: [inner.add(1)] }
    })
    expect(sum.item()).toBe(8)
    expect(pair[0]!.toArray()).toEqual([3, 3, 3, 3])
    expect(() => inner!.add(1)).toThrow(
      new TraceError(
        'tensor: its memory is gone, the scope that it was made in has ended; keep using the value that replaced it',
      ),
    )
    expect(String(inner)).toBe('Tensor(f32[4], disposed)')
  })

  test('leaves tensors from outside alone', () => {
    const x = array([1, 2])
    scope(() => x.add(x))
    expect(x.toArray()).toEqual([1, 2])
  })

  test('keeps the buffer of a result that shares it', () => {
    const y = scope(() => ones([4]).reshape([2, 2]))
    expect(y.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  test('keeps what a compiled function captured', () => {
    const f = scope(() => {
      const w = array([1, 2])
      const compiled = jit((x: Tensor) => x.mul(w))
      compiled(array([1, 1]))
      return compiled
    })
    expect(f(array([3, 4])).toArray()).toEqual([3, 8])
  })

  test('hands what it returns to the scope around it', () => {
    let kept: Tensor | undefined
    scope(() => {
      kept = scope(() => ones([2]).add(1))
      expect(kept.toArray()).toEqual([2, 2])
    })
    expect(() => kept!.item()).toThrow(TraceError)
  })

  test('frees at once, without waiting for the garbage collector', () => {
    const work = (): void => {
      for (let i = 0; i < 10; i++) ones([1000]).add(i)
    }
    memory()
    // Numbers are kept for later use.
    scope(work)
    const before = taken().bytes
    scope(() => {
      work()
      expect(taken().bytes - before).toBe(20 * 4000)
    })
    expect(taken().bytes).toBe(before)
  })

  test('refuses an asynchronous function', () => {
    expect(() => scope(async () => Promise.resolve(1))).toThrow(TraceError)
  })

  test('that throws frees nothing and passes the error on', () => {
    let made: Tensor | undefined
    expect(() =>
      scope(() => {
        made = ones([2])
        throw new RangeError('stop')
      }),
    ).toThrow(RangeError)
    expect(made!.toArray()).toEqual([1, 1])
  })
})

describe('memory', () => {
  test('counts buffers and their bytes, shared ones once', () => {
    memory()
    const before = taken()
    const x = ones([3, 5])
    const shared = x.reshape([15])
    const half = ones([10], { dtype: 'float16' })
    const now = taken()
    expect(now.buffers - before.buffers).toBe(2)
    expect(now.bytes - before.bytes).toBe(60 + 20)
    x[Symbol.dispose]()
    half[Symbol.dispose]()
    half[Symbol.dispose]()
    expect(taken().buffers).toBe(before.buffers)
    expect(() => shared.item()).toThrow(TraceError)
  })

  test('forgets what the garbage collector took', async () => {
    memory()
    await collect()
    const before = taken().buffers
    for (let i = 0; i < 50; i++) ones([100]).add(1)
    expect(taken().buffers - before).toBeGreaterThan(90)
    await collect()
    expect(taken().buffers - before).toBeLessThan(10)
  })
})
