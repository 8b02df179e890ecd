import { afterEach, expect, test, vi } from 'vitest'
import { hasRelaxed } from '../../src/device/wasm/features.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

const permit = (state: string): void => {
  vi.stubGlobal('Deno', { permissions: { querySync: () => ({ state }) } })
}

test('LINUM_RELAXED_SIMD=0 forbids fused multiply-add', () => {
  vi.stubEnv('LINUM_RELAXED_SIMD', '0')
  expect(hasRelaxed()).toBe(false)
})

test('the variable is read in Deno only where that is permitted, so that nobody is asked', () => {
  const found = hasRelaxed()
  vi.stubEnv('LINUM_RELAXED_SIMD', '0')
  permit('granted')
  expect(hasRelaxed()).toBe(false)
  permit('prompt')
  expect(hasRelaxed()).toBe(found)
})
