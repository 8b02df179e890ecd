import { array, jit, setThreads, type Tensor, threads, withDevice } from '@linum/tensor'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, expect, test } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const { size } = threads()
afterAll(() => setThreads(size))

test('a program that is still used keeps what its steps need when garbage is collected', async () => {
  const rows = 400
  const product = jit((a: Tensor) => a.matmul(a.transpose()).sum())
  const x = withDevice('wasm', () => array(Float32Array.from({ length: rows * rows }, (_, i) => i % 7)))
  setThreads(2)
  const want = product(x.reshape([rows, rows])).item()
  for (let k = 0; k < 3; k++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(product(x.reshape([rows, rows])).item()).toBe(want)
  }
})
