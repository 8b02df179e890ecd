import { fc, test } from '@fast-check/vitest'
import { arange, array, jit, ones, random, type Tensor, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'

describe('as NumPy 2.4 prints', () => {
  test.each<[string, () => Tensor, string]>([
    ['a scalar', () => array(1.5), '1.5'],
    ['a whole scalar', () => array(1), '1.0'],
    ['a small scalar', () => array(1e-5), '1e-05'],
    ['a great scalar', () => array(1e16), '1e+16'],
    ['a scalar of a million', () => array(1e6), '1e+06'],
    ['a scalar below a million', () => array(999999), '999999.0'],
    ['a scalar of many digits', () => array(123456789), '1.2345679e+08'],
    ['minus zero', () => array(-0), '-0.0'],
    ['a third', () => array(1 / 3), '0.33333334'],
    ['the greatest float', () => array(3.4028235e38), '3.4028235e+38'],
    ['the least float', () => array(1e-45), '1e-45'],
    ['NaN', () => array(NaN), 'nan'],
    ['minus infinity', () => array(-Infinity), '-inf'],
    ['an integer', () => array(-7, { dtype: 'int32' }), '-7'],
    ['the greatest unsigned integer', () => array(4294967295, { dtype: 'uint32' }), '4294967295'],
    ['a boolean', () => array(true), 'True'],
    ['whole numbers', () => array([1, 2, 3]), '[1. 2. 3.]'],
    ['fractions', () => array([0.1, -2.5, 3]), '[ 0.1 -2.5  3. ]'],
    ['thirds', () => array([1 / 3, 2 / 3, 1]), '[0.33333334 0.6666667  1.        ]'],
    ['a half in the ninth digit', () => array([0.001953125, 0.005859375, 1]), '[0.00195312 0.00585938 1.        ]'],
    ['a half in the last digit of many', () => array([1.39453125, -1.64453125]), '[ 1.3945312 -1.6445312]'],
    ['small beside great', () => array([1e-5, 1, 1000]), '[1.e-05 1.e+00 1.e+03]'],
    ['great ones', () => array([1e10, 1]), '[1.e+10 1.e+00]'],
    ['a million', () => array([1e6]), '[1.e+06]'],
    ['below a million', () => array([999999]), '[999999.]'],
    ['a ratio above 1000', () => array([0.5, 501]), '[5.00e-01 5.01e+02]'],
    ['a ratio of 1000', () => array([0.5, 500]), '[  0.5 500. ]'],
    ['digits beyond the shortest', () => array([1234567.75, -617283.875]), '[ 1.2345678e+06 -6.1728388e+05]'],
    ['mixed exponents', () => array([1.5e-10, -66519.46875, 0.25]), '[ 1.500000e-10 -6.651947e+04  2.500000e-01]'],
    ['the special ones', () => array([NaN, 1, Infinity, -Infinity]), '[ nan   1.  inf -inf]'],
    ['special ones with exponents', () => array([NaN, 1e-10, -Infinity]), '[   nan 1.e-10   -inf]'],
    ['special ones alone', () => array([NaN, -Infinity]), '[ nan -inf]'],
    ['minus zero among others', () => array([-0, 0, 1]), '[-0.  0.  1.]'],
    ['zeros', () => array([0, 0]), '[0. 0.]'],
    ['minus zero with exponents', () => array([-0, 1e-20]), '[-0.e+00  1.e-20]'],
    ['one ten-thousandth', () => array([0.0001]), '[0.0001]'],
    ['less than that', () => array([0.00009]), '[9.e-05]'],
    ['negative numbers', () => array([-1, -20.25]), '[ -1.   -20.25]'],
    ['integers', () => array([1, -20, 300], { dtype: 'int32' }), '[  1 -20 300]'],
    ['unsigned integers', () => array([0, 4294967295], { dtype: 'uint32' }), '[         0 4294967295]'],
    ['booleans', () => array([true, false]), '[ True False]'],
    ['true alone', () => array([true, true]), '[ True  True]'],
    [
      'a matrix of booleans',
      () =>
        array([
          [true, true],
          [false, true],
        ]),
      '[[ True  True]\n [False  True]]',
    ],
    ['nothing', () => zeros([0]), '[]'],
    ['rows of nothing', () => zeros([2, 0]), '[]'],
    ['no rows', () => zeros([0, 3]), '[]'],
    ['a matrix', () => arange(6).reshape([2, 3]).astype('float32'), '[[0. 1. 2.]\n [3. 4. 5.]]'],
    [
      'three dimensions',
      () => arange(12).reshape([2, 3, 2]),
      '[[[ 0  1]\n  [ 2  3]\n  [ 4  5]]\n\n [[ 6  7]\n  [ 8  9]\n  [10 11]]]',
    ],
    ['four dimensions', () => arange(8).reshape([2, 2, 1, 2]), '[[[[0 1]]\n\n  [[2 3]]]\n\n\n [[[4 5]]\n\n  [[6 7]]]]'],
    [
      'a long row',
      () => arange(40),
      '[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]',
    ],
    [
      'a long row of a matrix',
      () => arange(40).reshape([1, 40]),
      '[[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n  24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]]',
    ],
    [
      'long rows in three dimensions',
      () => arange(60).reshape([2, 1, 30]),
      '[[[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22\n   23 24 25 26 27 28 29]]\n\n [[30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52\n   53 54 55 56 57 58 59]]]',
    ],
    [
      'a long row of fractions',
      () => arange(20).div(8),
      '[0.    0.125 0.25  0.375 0.5   0.625 0.75  0.875 1.    1.125 1.25  1.375\n 1.5   1.625 1.75  1.875 2.    2.125 2.25  2.375]',
    ],
    [
      'a long row of booleans',
      () => arange(30).mod(3).eq(0),
      '[ True False False  True False False  True False False  True False False\n  True False False  True False False  True False False  True False False\n  True False False  True False False]',
    ],
    [
      'a line that ends in padding',
      () => array([85.25, 31.125, -108.375, 37.5, -39, -68.5, -17.5, 93.25, 116.5]),
      '[  85.25    31.125 -108.375   37.5    -39.     -68.5    -17.5     93.25\n  116.5  ]',
    ],
    ['1001 elements', () => arange(1001), '[   0    1    2 ...  998  999 1000]'],
    [
      'a summarised matrix',
      () => arange(1200).reshape([30, 40]),
      '[[   0    1    2 ...   37   38   39]\n [  40   41   42 ...   77   78   79]\n [  80   81   82 ...  117  118  119]\n ...\n [1080 1081 1082 ... 1117 1118 1119]\n [1120 1121 1122 ... 1157 1158 1159]\n [1160 1161 1162 ... 1197 1198 1199]]',
    ],
    [
      'many short rows',
      () => arange(1200).reshape([300, 4]),
      '[[   0    1    2    3]\n [   4    5    6    7]\n [   8    9   10   11]\n ...\n [1188 1189 1190 1191]\n [1192 1193 1194 1195]\n [1196 1197 1198 1199]]',
    ],
    [
      'two very long rows',
      () => arange(1200).reshape([2, 600]),
      '[[   0    1    2 ...  597  598  599]\n [ 600  601  602 ... 1197 1198 1199]]',
    ],
    [
      'three summarised dimensions',
      () => arange(2000).reshape([10, 2, 100]).astype('float32'),
      '[[[0.000e+00 1.000e+00 2.000e+00 ... 9.700e+01 9.800e+01 9.900e+01]\n  [1.000e+02 1.010e+02 1.020e+02 ... 1.970e+02 1.980e+02 1.990e+02]]\n\n [[2.000e+02 2.010e+02 2.020e+02 ... 2.970e+02 2.980e+02 2.990e+02]\n  [3.000e+02 3.010e+02 3.020e+02 ... 3.970e+02 3.980e+02 3.990e+02]]\n\n [[4.000e+02 4.010e+02 4.020e+02 ... 4.970e+02 4.980e+02 4.990e+02]\n  [5.000e+02 5.010e+02 5.020e+02 ... 5.970e+02 5.980e+02 5.990e+02]]\n\n ...\n\n [[1.400e+03 1.401e+03 1.402e+03 ... 1.497e+03 1.498e+03 1.499e+03]\n  [1.500e+03 1.501e+03 1.502e+03 ... 1.597e+03 1.598e+03 1.599e+03]]\n\n [[1.600e+03 1.601e+03 1.602e+03 ... 1.697e+03 1.698e+03 1.699e+03]\n  [1.700e+03 1.701e+03 1.702e+03 ... 1.797e+03 1.798e+03 1.799e+03]]\n\n [[1.800e+03 1.801e+03 1.802e+03 ... 1.897e+03 1.898e+03 1.899e+03]\n  [1.900e+03 1.901e+03 1.902e+03 ... 1.997e+03 1.998e+03 1.999e+03]]]',
    ],
    ['summarised fractions', () => arange(1001).div(10), '[  0.    0.1   0.2 ...  99.8  99.9 100. ]'],
  ])('%s', (_name, make, text) => {
    expect(String(make())).toBe(text)
  })

  test('1000 elements in full', () => {
    expect(String(arange(1000))).not.toContain('...')
    expect(String(arange(1000)).split('\n')).toHaveLength(56)
  })
})

describe('what is not in NumPy', () => {
  test('random keys print their words', () => {
    expect(String(random.key(7))).toBe('key[0 7]')
    expect(String(random.wrapKeyData(array(Uint32Array.of(1, 20, 3, 4)).reshape([2, 2])))).toBe(
      'key[[ 1 20]\n [ 3  4]]',
    )
  })
  test('traced and disposed tensors print their type', () => {
    let text = ''
    jit(function f(x: Tensor) {
      text = String(x)
      return x
    })(ones([2, 3]))
    expect(text).toBe('Tensor(f32[2,3], traced by jit(f))')
    const x = ones([2])
    x[Symbol.dispose]()
    expect(String(x)).toBe('Tensor(f32[2], disposed)')
  })
})

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 8 })
test.prop([fc.float({ noNaN: true, noDefaultInfinity: true })])('a scalar reads back as the same float32', (x) => {
  expect(Math.fround(Number(String(array(x))))).toBe(Math.fround(x))
})
test.prop([floats])('numbers printed together have one width and read back to eight digits', (xs) => {
  const text = String(array(xs))
  const words = text
    .slice(1, -1)
    .split(/\s+/)
    .filter((w) => w !== '')
  expect(words).toHaveLength(xs.length)
  words.forEach((w, i) =>
    expect(Math.abs(Number(w) - xs[i]!)).toBeLessThanOrEqual(Math.max(Math.abs(xs[i]!) * 1e-7, 5.1e-9)),
  )
  expect(text.split('\n').every((line) => line.length <= 75)).toBe(true)
})
