import { fc, test } from '@fast-check/vitest'
import {
  arange,
  array,
  cond,
  foriLoop,
  jit,
  makeProgram,
  map,
  ones,
  printProgram,
  random,
  scan,
  setDefaultDevice,
  sin,
  stack,
  switchCase,
  Tensor,
  traceCount,
  TraceError,
  tree,
  whileLoop,
  withDevice,
} from '@linum/tensor'
import { addDevice, defaultDevice, JsDevice } from '@linum/tensor/core'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { DelayedDevice } from './delayed-device.js'
import { bothWays, ints, open, running, typed, values, xs } from './both-ways.js'

describe('nesting', () => {
  it('loops in loops, with what the outer one carries captured by the inner one', () => {
    const rows = sin(arange(12)).reshape([3, 4])
    const f = (rows: Tensor): unknown =>
      scan(
        (c: Tensor, row: Tensor) => {
          const [d, ys] = scan((d: Tensor, x: Tensor) => [d.mul(c).add(x), d] as const, c, row)
          return [d, ys.sum()] as const
        },
        array(0.5),
        rows,
      )
    let c = array(0.5)
    const sums = [0, 1, 2].map((i) => {
      let d = c
      const ys = [0, 1, 2, 3].map((j) => {
        const y = d
        d = d.mul(c).add(rows.slice(i, j))
        return y
      })
      c = d
      return stack(ys).sum()
    })
    expect(typed(bothWays(f, rows))).toEqual(typed([c.add(0).astype('float32'), stack(sums)]))
  })

  it('every kind in every other', () => {
    const kinds: Readonly<Record<string, (inner: (v: Tensor) => Tensor) => (v: Tensor) => Tensor>> = {
      scan: (inner) => (v) => scan((c: Tensor, x: Tensor) => [inner(c).add(x), null] as const, v, array([0.1, 0.2]))[0],
      map: (inner) => (v) => map((x: Tensor) => inner(x.add(v)), array([0.1, 0.2])).sum(),
      cond: (inner) => (v) => cond(v.greater(0), inner, (u: Tensor) => u.mul(2), v),
      switchCase: (inner) => (v) => switchCase(v.greater(0).astype('int32'), [(u: Tensor) => u.mul(2), inner], v),
      whileLoop: (inner) => (v) =>
        whileLoop(
          ({ n }) => n.less(2),
          ({ n, u }) => ({ n: n.add(1), u: inner(u) }),
          { n: ints(0), u: v },
        ).u,
      foriLoop: (inner) => (v) => foriLoop(0, 2, (i, u: Tensor) => inner(u).add(i), v),
      foriLoopOfTensors: (inner) => (v) => foriLoop(ints(0), ints(2), (i, u: Tensor) => inner(u).add(i), v),
      jit: (inner) => jit(inner as never) as never,
    }
    const plain: typeof kinds = {
      ...kinds,
      scan: (inner) => (v) => [0.1, 0.2].reduce((c, x) => inner(c).add(Math.fround(x)), v),
      map: (inner) => (v) => stack([0.1, 0.2].map((x) => inner(v.add(Math.fround(x))))).sum(),
      cond: (inner) => (v) => ((v.item() as number) > 0 ? inner(v) : v.mul(2)),
      switchCase: (inner) => (v) => ((v.item() as number) > 0 ? inner(v) : v.mul(2)),
      whileLoop: (inner) => (v) => inner(inner(v)),
      foriLoop: (inner) => (v) => inner(inner(v).add(0)).add(1),
      foriLoopOfTensors: (inner) => (v) => inner(inner(v).add(0)).add(1),
      jit: (inner) => inner,
    }
    const leaf = (v: Tensor): Tensor => sin(v).mul(0.9)
    for (const outer of Object.keys(kinds)) {
      for (const inner of Object.keys(kinds)) {
        const [f, g] = [kinds[outer]!(kinds[inner]!(leaf)), plain[outer]!(plain[inner]!(leaf))]
        for (const at of [0.7, -0.4]) {
          const x = array(at).astype('float32')
          expect(typed(f(x)), `${inner} in ${outer} at ${at}`).toEqual(typed(g(x)))
          expect(typed(jit(f)(x)), `${inner} in ${outer} at ${at}, compiled`).toEqual(typed(g(x)))
        }
      }
    }
  })

  test.prop(
    [fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 8 }), fc.boolean(), fc.integer({ min: -50, max: 50 })],
    { numRuns: 30 },
  )('a scan is the loop that it stands for', (data, reverse, start) => {
    const [xs, c0] = [array(data.map((v) => v / 16)).reshape([data.length]), array(start / 16).astype('float32')]
    const body = (c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [sin(c.mul(x)).add(x), c.sub(x.mul(c))]
    const [carry, ys] = bothWays((c: Tensor, xs: Tensor) => scan(body, c, xs, { reverse }), c0, xs)
    let c = c0
    const wanted: Tensor[] = []
    const order = reverse ? [...data.keys()].reverse() : [...data.keys()]
    for (const i of order) [c, wanted[i]] = body(c, xs.slice(i)) as [Tensor, Tensor]
    expect(typed(carry)).toEqual(typed(c))
    if (data.length > 0) expect(typed(ys)).toEqual(typed(stack(wanted)))
  })
})

describe('tracing', () => {
  it('happens once per call, whatever the length', () => {
    const traces = { scan: 0, test: 0, body: 0, yes: 0, no: 0 }
    const counted =
      <A extends readonly unknown[], R>(name: keyof typeof traces, f: (...args: A) => R) =>
      (...args: A): R => {
        traces[name]++
        return f(...args)
      }
    scan(counted('scan', running), array(0), arange(100).astype('float32'))
    whileLoop(
      counted('test', (v: Tensor) => v.less(1000)),
      counted('body', (v: Tensor) => v.add(1)),
      array(0),
    )
    cond(
      true,
      counted('yes', (v: Tensor) => v),
      counted('no', (v: Tensor) => v.mul(2)),
      array(1),
    )
    expect(traces).toEqual({ scan: 1, test: 1, body: 1, yes: 1, no: 1 })
  })

  it('happens when jit does: loops run without it afterwards', () => {
    let traces = 0
    const f = jit((xs: Tensor) =>
      scan(
        (c: Tensor, x: Tensor) => {
          traces++
          return running(c, x)
        },
        array(0),
        xs,
      ),
    )
    for (let i = 0; i < 3; i++) expect(values(f(xs.add(i))[0])).toBe(10 + 4 * i)
    expect([traces, traceCount(f)]).toEqual([1, 1])
  })

  it('fresh closures of one program compile once', () => {
    const device = new JsDevice()
    Object.defineProperty(device, 'name', { value: 'counting' })
    onTestFinished(addDevice(device))
    withDevice('counting', () => {
      const run = (scale: number): unknown =>
        values(
          scan(
            (c: Tensor, x: Tensor) => [c.add(x.mul(scale)), null] as const,
            array(0),
            arange(4).astype('float32'),
          )[0],
        )
      expect(run(2)).toBe(12)
      const compiled = device.compiledKernels
      for (let i = 0; i < 5; i++) run(2)
      expect(device.compiledKernels).toBe(compiled)
    })
  })

  it('a value of the body that is used afterwards is refused', () => {
    let kept: Tensor | undefined
    scan(
      (c: Tensor, x: Tensor) => {
        kept = c
        return [c.add(x), null] as const
      },
      array(0),
      xs,
    )
    expect(() => kept!.add(1)).toThrow(TraceError)
  })

  it('a value that is read inside is refused', () => {
    expect(() =>
      scan(
        (c: Tensor, x: Tensor) => ((x.item() as number) > 0 ? [c, null] : [x, null]) as [Tensor, null],
        array(0),
        xs,
      ),
    ).toThrow(TraceError)
    expect(() =>
      cond(
        true,
        (v: Tensor) => ((v.item() as number) > 0 ? v : v.neg()),
        (v: Tensor) => v,
        array(1),
      ),
    ).toThrow(TraceError)
  })

  it('an error in the body leaves nothing behind', () => {
    expect(() =>
      scan(
        () => {
          throw new RangeError('mine')
        },
        array(0),
        xs,
      ),
    ).toThrow(new RangeError('mine'))
    expect(values(array([1]).add(1))).toEqual([2])
  })
})

describe('a printed program', () => {
  it('shows the body of a scan', () => {
    const w = ones([2])
    expect(
      printProgram(
        makeProgram((xs: Tensor) =>
          scan((c: Tensor, x: Tensor) => [c.mul(w).add(x), x.sum()] as const, w, xs, { reverse: true }),
        )(ones([3, 2])),
      ),
    ).toBe(`{ lambda ; a:f32[2] b:f32[3,2]. let
    c:f32[2] d:f32[3] = scan[body={ lambda ; a:f32[2] b:f32[2] c:f32[2]. let
        d:f32[2] = mul b a
        e:f32[2] = add d c
        f:f32[] = reduce_sum[axes=(0,)] c
      in (e, f) } constants=1 carry=1 length=3 reverse=true] a a b
  in (c, d) }`)
  })

  it('shows every branch', () => {
    expect(
      printProgram(
        makeProgram((p: Tensor, x: Tensor) =>
          cond(
            p,
            (v: Tensor) => v.add(1),
            (v: Tensor) => v,
            x,
          ),
        )(array(true), ones([2])),
      ),
    ).toBe(`{ lambda ; a:bool[] b:f32[2]. let
    c:i32[] = convert[dtype=int32 weak=false] a
    d:f32[2] = cond[branches=({ lambda ; a:f32[2]. let in (a,) }, { lambda ; a:f32[2]. let
        b:f32[2] = add a 1:f32[]
      in (b,) })] c b
  in (d,) }`)
  })

  it('shows the test and the body of a while loop', () => {
    expect(
      printProgram(
        makeProgram((x: Tensor, l: Tensor) =>
          whileLoop(
            (v: Tensor) => v.less(l),
            (v) => v.mul(2),
            x,
          ),
        )(array(1).astype('float32'), array(9).astype('float32')),
      ),
    ).toBe(`{ lambda ; a:f32[] b:f32[]. let
    c:f32[] = while[test={ lambda ; a:f32[] b:f32[]. let
        c:bool[] = lt b a
      in (c,) } body={ lambda ; a:f32[]. let
        b:f32[] = mul a 2:f32[]
      in (b,) } testConstants=1 bodyConstants=0] b a
  in (c,) }`)
  })
})

describe('on a device that computes later', () => {
  const device = new DelayedDevice('later')
  beforeAll(() => {
    const remove = addDevice(device)
    const before = defaultDevice().name
    setDefaultDevice('later')
    return () => {
      setDefaultDevice(before)
      remove()
    }
  })

  const read = async (x: unknown): Promise<unknown> =>
    Promise.all(
      (tree.leaves(x) as readonly Tensor[]).map(async (t) => Array.from((await open(t).data()) as ArrayLike<number>)),
    )

  const programs: Readonly<Record<string, () => unknown>> = {
    scan: () => scan(running, array([0]).sum(), arange(5).astype('float32').mul(2)),
    'a scan over nothing': () => scan((c: Tensor) => [c.mul(2), c] as const, array([1]).sum(), null, { length: 3 }),
    map: () => map((x: Tensor) => random.uniform(x), random.split(random.key(0), 3)),
    cond: () =>
      cond(
        array([3]).sum().greater(2),
        (v: Tensor) => v.add(1),
        (v: Tensor) => v.neg(),
        array([1, 2]),
      ),
    switchCase: () => switchCase(ints([2, 1]).sum(), [(v: Tensor) => v, (v: Tensor) => v.neg()], array([1, 2])),
    whileLoop: () =>
      whileLoop(
        (v: Tensor) => v.sum().less(array([100]).sum()),
        (v) => v.mul(2),
        array([3, 4]),
      ),
    'foriLoop between tensors': () =>
      foriLoop(ints([1]).sum(), ints([2, 3]).sum(), (i, v: Tensor) => v.mul(i), array([1]).sum()),
    'a loop in a jitted function': () =>
      jit(
        (n: Tensor) =>
          whileLoop(
            ({ n }) => n.greater(0),
            ({ n, v }) => ({ n: n.sub(1), v: v.mul(2) }),
            { n, v: ones([2]) },
          ).v,
      )(ints([3, 4]).sum()),
    'loops whose results go into loops': () =>
      whileLoop(
        (v: Tensor) => v.less(1000),
        (v) => v.mul(3),
        scan(
          running,
          array([0]).sum(),
          whileLoop(
            (v: Tensor) => v.sum().less(50),
            (v) => v.mul(2),
            array([1, 2]),
          ),
        )[0],
      ),
  }

  it.each(Object.keys(programs))('%s does not wait', async (name) => {
    const before = device.log.length
    const later = programs[name]!()
    expect(device.log.length).toBe(before)
    expect(await read(later)).toEqual(await read(withDevice('js', programs[name]!)))
  })

  it('the predicate is not read', async () => {
    const log = device.log.length
    const [start, limit] = [array([1]).sum(), array([100]).sum()]
    const out = whileLoop(
      (v: Tensor) => v.less(limit),
      (v) => v.mul(2),
      start,
    )
    expect(await read(out)).toEqual([[128]])
    // One read, that of the result.
    expect(device.log.slice(log).filter((what) => what === 'read')).toEqual(['read'])
  })
})
