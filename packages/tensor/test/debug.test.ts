import { array, cond, debug, foriLoop, jit, ones, random, scan, type Tensor, traceCount } from '@linum/tensor'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const heard: unknown[] = []
const listen = (x: Tensor): void => void heard.push(x.toArray())

beforeEach(() => {
  heard.length = 0
})

describe('debug.callback', () => {
  test('is called with values, in compiled code each time it runs', () => {
    const f = jit((x: Tensor) => {
      debug.callback(listen, x.mul(2))
      return x.add(1)
    })
    f(array([1, 2]))
    f(array([3, 4]))
    expect(heard).toEqual([
      [2, 4],
      [6, 8],
    ])
    expect(traceCount(f)).toBe(1)
    debug.callback(listen, ones([2]))
    expect(heard).toHaveLength(3)
  })

  test('runs though nothing depends on it, in the order of the program, twice where it is written twice', () => {
    const f = jit((x: Tensor) => {
      debug.callback(listen, x)
      debug.callback(listen, x.add(1))
      debug.callback(listen, x)
    })
    f(array(5))
    expect(heard).toEqual([5, 6, 5])
  })

  test('runs at every step of a loop, also where its values do not change', () => {
    const body = (i: Tensor, x: Tensor): Tensor => {
      debug.callback(listen, i)
      return x.mul(2)
    }
    jit((x: Tensor) => foriLoop(0, 3, body, x))(array(1))
    expect(heard).toEqual([0, 1, 2])
    heard.length = 0
    const steps = jit((c: Tensor, outside: Tensor) =>
      scan(
        (carry: Tensor, x: Tensor) => {
          debug.callback(listen, outside)
          return [carry.add(x), x] as const
        },
        c,
        array([1, 2]),
      ),
    )
    steps(array(0), array(7))
    expect(heard).toEqual([7, 7])
  })

  test('runs in the branch that is taken', () => {
    const f = jit((x: Tensor) =>
      cond(
        x.sum().greater(0),
        (y: Tensor) => {
          debug.callback(listen, y)
          return y
        },
        (y: Tensor) => y.neg(),
        x,
      ),
    )
    f(array([-1]))
    expect(heard).toEqual([])
    f(array([1]))
    expect(heard).toEqual([[1]])
  })

  test('takes trees, and what is no tensor as it is', () => {
    const seen: unknown[] = []
    jit((x: Tensor) => {
      debug.callback(
        (name: string, { a }: { a: Tensor }, n: number) => {
          seen.push(name, a.toArray(), n)
        },
        'here',
        { a: x },
        3,
      )
    })(array([1]))
    expect(seen).toEqual(['here', [1], 3])
  })

  test('may run compiled functions itself', () => {
    const double = jit((x: Tensor) => x.mul(2))
    const f = jit((x: Tensor) => {
      debug.callback((y: Tensor) => {
        listen(double(y))
      }, x)
      return double(x)
    })
    expect(f(array([4])).toArray()).toEqual([8])
    expect(heard).toEqual([[8]])
  })

  test('passes on what it throws', () => {
    const f = jit((x: Tensor) => {
      debug.callback(() => {
        throw new RangeError('too far')
      }, x)
    })
    expect(() => f(array(1))).toThrow(new RangeError('too far'))
    expect(() => f(array(1))).toThrow(RangeError)
  })

  test('hears every dtype', () => {
    const f = jit((...xs: Tensor[]) => {
      xs.forEach((x) => debug.callback(listen, x))
    })
    f(array([1.5], { dtype: 'float16' }), array([3], { dtype: 'int8' }), array([true]), random.keyData(random.key(7)))
    expect(heard).toEqual([[1.5], [3], [true], [0, 7]])
  })
})

describe('debug.print', () => {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('fills values into places, as NumPy prints them', () => {
    jit((x: Tensor) => {
      debug.print('x = {}, {} of {}', x, x.sum(), 'it')
    })(array([1, 2.5]))
    expect(lines).toEqual(['x = [1.  2.5], 3.5 of it'])
  })

  test('refuses a wrong number of values', () => {
    expect(() => {
      debug.print('{} {}', 1)
    }).toThrow(new TypeError('debug.print: the format has 2 places for values, got 1; write one {} per value'))
  })
})
