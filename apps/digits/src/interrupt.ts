import { Interrupted } from './failure.js'

type StopSignal = 'SIGINT' | 'SIGTERM'

/** Where signals come from: `process`, or an emitter in a test. */
export type SignalSource = {
  once(event: StopSignal, listener: () => void): unknown
  off(event: StopSignal, listener: () => void): unknown
}

/** An AbortSignal for Ctrl-C and SIGTERM, and the end of watching for them. */
export type Interrupt = { readonly signal: AbortSignal; readonly dispose: () => void }

/**
 * Turns the first SIGINT or SIGTERM into an abort with {@link Interrupted} as its reason. A second one meets the
 * system's default and kills the process, so that a run that hangs can still be ended.
 */
export const watchSignals = (source: SignalSource): Interrupt => {
  const controller = new AbortController()
  const interrupt = (): void => abort('SIGINT')
  const terminate = (): void => abort('SIGTERM')
  const dispose = (): void => {
    source.off('SIGINT', interrupt)
    source.off('SIGTERM', terminate)
  }
  const abort = (signal: StopSignal): void => {
    dispose()
    controller.abort(new Interrupted(signal))
  }
  source.once('SIGINT', interrupt)
  source.once('SIGTERM', terminate)
  return { signal: controller.signal, dispose }
}
