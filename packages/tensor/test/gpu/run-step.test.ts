import { expect, test } from 'vitest'
import type { StepCode } from '../../src/device/gpu/webgpu/shader.js'
import { runStep } from './run-step.js'

const double = (length: number, guard: boolean): StepCode => ({
  dispatches: [
    {
      shader: {
        operands: ['read', 'write'],
        threads: 64,
        params: 1,
        declarations: ['fn twice(x: f32) -> f32 { return x + x; }'],
        body: `let i = group * 64 + lane;
${guard ? 'if (i >= p0) { return; }' : ''}
$1[i] = bitcast<u32>(twice(bitcast<f32>($0[i])));`,
      },
      operands: [0, 1],
      params: [length],
      groups: Math.ceil(length / 64),
    },
  ],
  temporaries: [],
})

test('a shader doubles what it reads', async () => {
  const x = Float32Array.from({ length: 100 }, (_, i) => i)
  const out = new Float32Array(100)
  await runStep(double(100, true), [x], [out])
  expect(out).toEqual(x.map((v) => 2 * v))
})

test('a write beyond the end of an output is found', async () => {
  await expect(runStep(double(100, false), [new Float32Array(100)], [new Float32Array(100)])).rejects.toThrow(
    'operand 1 was written outside its 100 words',
  )
})
