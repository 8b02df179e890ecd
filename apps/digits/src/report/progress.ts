import { SingleBar } from 'cli-progress'

/** How training stands: means over the epoch so far; no accuracy where nothing is right or wrong. */
export type Standing = { readonly loss: number; readonly accuracy?: number; readonly stepsPerSecond: number }

/** Told about every epoch; `stop` ends a display that is still open and may be called at any time. */
export type Progress = {
  readonly start: (epoch: number, steps: number) => void
  readonly update: (step: number, standing: Standing) => void
  readonly finish: (standing: Standing) => void
  readonly stop: () => void
}

/** A terminal or a file to write to. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

const describe = ({ loss, accuracy, stepsPerSecond }: Standing): string =>
  [
    `loss ${loss.toFixed(4)}`,
    ...(accuracy === undefined ? [] : [`accuracy ${(100 * accuracy).toFixed(1).padStart(5)} %`]),
    `${stepsPerSecond.toFixed(1).padStart(6)} steps/s`,
  ].join('  ')

const title = (epoch: number, epochs: number, unit: string): string =>
  `${unit} ${String(epoch).padStart(String(epochs).length)}/${epochs}`

/** One bar per epoch, redrawn in place; the cursor is hidden while a bar is open. */
export const barProgress = (stream: Output, epochs: number, unit = 'epoch'): Progress => {
  let bar: SingleBar | null = null
  let total = 0
  const stop = (): void => {
    bar?.stop()
    bar = null
  }
  return {
    start: (epoch, steps) => {
      total = steps
      bar = new SingleBar({
        stream,
        format: `${title(epoch, epochs, unit)} [{bar}] {value}/{total}  {standing}`,
        barCompleteChar: '=',
        barIncompleteChar: ' ',
        barsize: 20,
        hideCursor: true,
        fps: 10,
      })
      bar.start(steps, 0, { standing: '' })
    },
    update: (step, standing) => bar?.update(step, { standing: describe(standing) }),
    finish: (standing) => {
      bar?.update(total, { standing: describe(standing) })
      stop()
    },
    stop,
  }
}

/** One line per epoch, for files and pipes. */
export const lineProgress = (write: (line: string) => void, epochs: number, unit = 'epoch'): Progress => {
  let head = ''
  return {
    start: (epoch, steps) => {
      head = `${title(epoch, epochs, unit)}  ${steps} steps`
    },
    update: () => undefined,
    finish: (standing) => write(`${head}  ${describe(standing)}`),
    stop: () => undefined,
  }
}

/** Does something under a display, which is closed whatever comes, and as soon as `signal` aborts. */
export const withProgress = async <T>(
  progress: Progress,
  signal: AbortSignal,
  f: (progress: Progress) => Promise<T>,
): Promise<T> => {
  const close = (): void => progress.stop()
  signal.addEventListener('abort', close)
  try {
    return await f(progress)
  } finally {
    close()
    signal.removeEventListener('abort', close)
  }
}
