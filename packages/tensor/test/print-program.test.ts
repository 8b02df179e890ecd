import { test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { array, jit, makeProgram, ones, printProgram, random, type Tensor } from '@linum/tensor'
import { expect } from 'vitest'

const text = (...lines: string[]): string => lines.join('\n')

test('a program prints as a jaxpr: inputs with types, one equation per line, outputs', () => {
  expect(printProgram(makeProgram((x: Tensor, y: Tensor) => x.mul(y).sum({ axis: 1 }))(ones([2, 3]), ones([3])))).toBe(
    text(
      '{ lambda ; a:f32[2,3] b:f32[3]. let',
      '    c:f32[2,3] = mul a b',
      '    d:f32[2] = reduce_sum[axes=(1,)] c',
      '  in (d,) }',
    ),
  )
})

test('captured tensors lead the inputs, numbers are literals with their types', () => {
  const w = ones([3])
  expect(printProgram(makeProgram((x: Tensor) => [x.add(w).mul(-0), x.less(0.5)])(ones([2, 3])))).toBe(
    text(
      '{ lambda ; a:f32[3] b:f32[2,3]. let',
      '    c:f32[2,3] = add b a',
      '    d:f32[2,3] = mul c -0:f32[]',
      '    e:bool[2,3] = lt b 0.5:f32[]',
      '  in (d, e) }',
    ),
  )
})

test('nothing to compute fits on a line', () => {
  expect(printProgram(makeProgram((x: Tensor) => x)(ones([2])))).toBe('{ lambda ; a:f32[2]. let in (a,) }')
  expect(printProgram(makeProgram(() => 3)())).toBe('{ lambda ; . let in () }')
  expect(printProgram(makeProgram((x: Tensor) => [x, x])(array([1], { dtype: 'uint32' })))).toBe(
    '{ lambda ; a:u32[1]. let in (a, a) }',
  )
})

test('a nested program is indented and has its own names', () => {
  const double = jit(function double(x: Tensor) {
    return x.add(x)
  })
  expect(printProgram(makeProgram((x: Tensor) => double(x).add(1))(ones([2])))).toBe(
    text(
      '{ lambda ; a:f32[2]. let',
      '    b:f32[2] = jit[program={ lambda ; a:f32[2]. let',
      '        b:f32[2] = add a a',
      '      in (b,) } name=double] a',
      '    c:f32[2] = add b 1:f32[]',
      '  in (c,) }',
    ),
  )
})

test('keys keep their own dtype, several results stand side by side', () => {
  expect(printProgram(makeProgram((k: Tensor) => random.bits(random.split(k).slice(1)))(random.key(0)))).toBe(
    text(
      '{ lambda ; a:key[]. let',
      '    b:key[2] = random_split[shape=(2,)] a',
      '    c:key[1] = slice[start=(1,) limit=(2,) stride=(1,)] b',
      '    d:key[] = reshape[shape=()] c',
      '    e:u32[] = random_bits[shape=()] d',
      '  in (e,) }',
    ),
  )
  expect(printProgram(makeProgram((x: Tensor) => x.argsort())(ones([3])))).toContain(
    'c:f32[3] d:i32[3] = sort[axis=0] a b',
  )
})

test('names go on after z', () => {
  const program = makeProgram((x: Tensor) => Array.from({ length: 30 }, (_, i) => i).reduce((y) => y.sin(), x))(
    ones([1]),
  )
  expect(printProgram(program)).toContain('z:f32[1] = sin y\n    aa:f32[1] = sin z\n    ab:f32[1] = sin aa')
})

test('the same function prints the same text each time', () => {
  const f = (x: Tensor): Tensor => np.softmax(x.matmul(x.T))
  expect(printProgram(makeProgram(f)(ones([2, 3])))).toBe(printProgram(makeProgram(f)(ones([2, 3]))))
})
