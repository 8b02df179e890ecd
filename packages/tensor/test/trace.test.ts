import { test } from '@fast-check/vitest'
import { array, type Aval, jit, lower, ones, random, Tensor, TraceError, where, zeros } from '@linum/tensor'
import {
  bind,
  currentTrace,
  evaluation,
  isRunning,
  isTracer,
  type PrimitiveName,
  type PrimitiveParams,
  type Trace,
  withTrace,
} from '@linum/tensor/core'
import { describe, expect } from 'vitest'

/** A transform that hands every operation on its own values down and writes its name. */
class Recorder implements Trace {
  readonly dynamic = false
  readonly label: string
  readonly level: number
  readonly log: string[] = []

  constructor(level: number, label: string) {
    this.level = level
    this.label = label
  }
  lift(inner: Tensor): Tensor {
    return new Recorded(this, inner)
  }
  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    this.log.push(name)
    return bind(
      name,
      args.map((x) => (x instanceof Recorded && x.trace === this ? x.wrapped : x)),
      params,
    ).map((x) => this.lift(x))
  }
}

class Recorded extends Tensor {
  readonly wrapped: Tensor
  constructor(trace: Trace, wrapped: Tensor) {
    super(wrapped.aval, trace, null)
    this.wrapped = wrapped
  }
}

const innerOf = (x: Tensor): Tensor => (x as Recorded).wrapped

describe('an operation', () => {
  test('outside all transforms is evaluated', () => {
    expect(currentTrace()).toBe(null)
    expect(ones([2]).trace).toBe(evaluation)
    expect(isTracer(ones([2]))).toBe(false)
  })

  test('goes to the trace of its argument, and one on plain values goes past it', () => {
    const [log, y] = withTrace(
      (level) => new Recorder(level, 'outer'),
      (t) => {
        const x = t.lift(ones([2]))
        expect(isTracer(x)).toBe(true)
        expect(zeros([2]).add(1).trace).toBe(evaluation)
        return [t.log, x.add(1).mul(zeros([2]))]
      },
    )
    expect(log).toEqual(['add', 'mul'])
    expect(innerOf(y!).toArray()).toEqual([0, 0])
  })

  test('goes to the innermost of several traces, which hands it on', () => {
    withTrace(
      (level) => new Recorder(level, 'outer'),
      (outer) =>
        withTrace(
          (level) => new Recorder(level, 'inner'),
          (inner) => {
            expect([outer.level, inner.level]).toEqual([1, 2])
            expect(currentTrace()).toBe(inner)
            const [x, y] = [outer.lift(array([1, 2])), inner.lift(array([3, 4]))]
            const sum = x.add(y)
            expect(sum.trace).toBe(inner)
            expect(innerOf(sum).trace).toBe(outer)
            expect(innerOf(innerOf(sum)).toArray()).toEqual([4, 6])
            expect([outer.log, inner.log]).toEqual([['add'], ['add']])
            x.mul(2)
            expect([outer.log, inner.log]).toEqual([['add', 'mul'], ['add']])
          },
        ),
    )
  })

  test('on plain values inside jit is recorded all the same', () => {
    const f = jit((x: Tensor) => x.add(ones([2]).mul(3)))
    expect(lower(f, zeros([2])).equations.map((e) => e.primitive)).toEqual(['full', 'mul', 'add'])
  })

  test('on the values of a transform inside jit goes to that transform', () => {
    let log: string[] = []
    const f = jit((x: Tensor) =>
      withTrace(
        (level) => new Recorder(level, 'inside'),
        (t) => {
          log = t.log
          return innerOf(t.lift(x).mul(2).add(1))
        },
      ),
    )
    expect(f(array([1, 2])).toArray()).toEqual([3, 5])
    expect(log).toEqual(['mul', 'add'])
  })

  test("on a jitted function's values goes to jit even inside an outer transform", () => {
    withTrace(
      (level) => new Recorder(level, 'outer'),
      (outer) => {
        const y = jit((x: Tensor) => x.mul(2))(outer.lift(array([1, 2])))
        expect(outer.log).toEqual(['jit'])
        expect(innerOf(y).toArray()).toEqual([2, 4])
      },
    )
  })
})

describe('a trace', () => {
  test('ends with its function, also where that throws', () => {
    expect(() =>
      withTrace(
        (level) => new Recorder(level, 'fails'),
        () => {
          throw new RangeError('inside')
        },
      ),
    ).toThrow(new RangeError('inside'))
    expect(currentTrace()).toBe(null)
    expect(() =>
      jit(() => {
        throw new RangeError('inside')
      })(),
    ).toThrow('inside')
    expect(currentTrace()).toBe(null)
    expect(ones([2]).add(1).toArray()).toEqual([2, 2])
  })

  test('that is over is not running', () => {
    const t = withTrace(
      (level) => new Recorder(level, 'once'),
      (trace) => {
        expect(isRunning(trace)).toBe(true)
        return trace
      },
    )
    expect(isRunning(t)).toBe(false)
    expect(isRunning(evaluation)).toBe(true)
  })

  test('of an earlier call at the same level does not count as running', () => {
    const old = withTrace(
      (level) => new Recorder(level, 'earlier'),
      (t) => t.lift(ones([2])),
    )
    withTrace(
      (level) => new Recorder(level, 'later'),
      () => expect(() => old.add(1)).toThrow(TraceError),
    )
    let leaked: Tensor | undefined
    jit((x: Tensor) => (leaked = x))(ones([2]))
    expect(() => jit((x: Tensor) => x.add(leaked!))(ones([2]))).toThrow(TraceError)
  })
})

describe('a traced value', () => {
  test("that outlives its transform is refused with its function's name", () => {
    let leaked: Tensor | undefined
    jit(function keep(x: Tensor) {
      leaked = x.mul(2)
      return x
    })(ones([2, 3]))
    const message =
      'jit(keep): a traced value of shape [2,3] (the result of mul, operation 1 of the function) was used after its transform had ended; return it from the function instead of storing it outside'
    expect(() => leaked!.add(1)).toThrow(new TraceError(message))
    expect(() => jit((x: Tensor) => x.add(leaked!))(ones([2, 3]))).toThrow(new TraceError(message))
    expect(() => jit(() => leaked!)()).toThrow(new TraceError(message))
    expect(String(leaked)).toBe('Tensor(f32[2,3], traced by jit(keep))')
  })

  test.each<[string, (x: Tensor) => unknown]>([
    ['item', (x) => x.sum().item()],
    ['toArray', (x) => x.toArray()],
    ['dataSync', (x) => x.dataSync()],
    ['to', (x) => x.to('js')],
  ])('cannot be read by %s', (fn, read) => {
    const shape = fn === 'item' ? '()' : '(2,)'
    expect(() =>
      jit(function f(x: Tensor) {
        read(x)
        return x
      })(ones([2])),
    ).toThrow(
      new TraceError(
        `${fn}: a traced value of shape ${shape} has no elements inside jit(f); return it and read it outside`,
      ),
    )
  })

  test('cannot be awaited: data() rejects', async () => {
    let reading: Promise<unknown> | undefined
    jit((x: Tensor) => {
      reading = x.data()
      return x
    })(ones([2]))
    await expect(reading).rejects.toThrow(TraceError)
  })

  test('is no number and no condition', () => {
    const message =
      'jit(f): a traced value has no number yet; use tensor functions such as x.add(y), or where(c, a, b) for a choice'
    const refused = (read: (x: Tensor) => unknown): void =>
      expect(() =>
        jit(function f(x: Tensor) {
          read(x)
          return x
        })(array(1)),
      ).toThrow(new TraceError(message))
    refused((x) => Number(x))
    refused((x) => (x as unknown as number) + 1)
    refused((x) => (x as unknown as number) < 1)
    refused((x) => +(x as unknown as number))
  })

  test('prints its type and whose it is', () => {
    jit(function step(x: Tensor) {
      expect(`${x}`).toBe('Tensor(i32[2,3], traced by jit(step))')
      expect(String(random.split(random.key(0), 3))).toBe('Tensor(key[3], traced by jit(step))')
      return x
    })(zeros([2, 3], { dtype: 'int32' }))
  })

  test('has a shape and a dtype but no device', () => {
    jit((x: Tensor) => {
      expect([x.shape, x.dtype, x.ndim, x.size, x.weak, x.device, x.concrete]).toEqual([
        [2, 3],
        'bool',
        2,
        6,
        false,
        null,
        false,
      ])
      return x
    })(zeros([2, 3], { dtype: 'bool' }))
  })
})

describe('a Promise', () => {
  test('from a transformed function is refused, and does not go unhandled', () => {
    const message = 'jit(step): the function returned a Promise; transforms are synchronous, so await before or after'
    expect(() =>
      jit(async function step(x: Tensor) {
        await Promise.reject(new Error('never seen'))
        return x
      })(ones([2])),
    ).toThrow(new TraceError(message))
    expect(currentTrace()).toBe(null)
  })
})

test('where chooses per element inside jit, where an if cannot', () => {
  const f = jit((x: Tensor) => where(x.greater(0), x, x.mul(-2)))
  expect(f(array([1, -1])).toArray()).toEqual([1, 2])
})

test('an aval is the whole type of a tensor', () => {
  const aval: Aval = ones([2]).aval
  expect(aval).toEqual({ shape: [2], dtype: 'float32', weak: false })
})
