import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { Interrupted } from '../src/failure.js'
import { watchSignals } from '../src/interrupt.js'

test.each([
  ['SIGINT', 130, 'interrupted'],
  ['SIGTERM', 143, 'terminated'],
] as const)('%s aborts with exit code %i', (name, exitCode, message) => {
  const source = new EventEmitter()
  const { signal } = watchSignals(source)
  expect(signal.aborted).toBe(false)
  source.emit(name)
  expect(signal.reason).toBeInstanceOf(Interrupted)
  expect(signal.reason).toMatchObject({ exitCode, message })
})

test('the second signal is left to the system', () => {
  const source = new EventEmitter()
  watchSignals(source)
  source.emit('SIGTERM')
  expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0)
})

test('dispose ends the watch', () => {
  const source = new EventEmitter()
  const { signal, dispose } = watchSignals(source)
  dispose()
  source.emit('SIGINT')
  expect(signal.aborted).toBe(false)
})
