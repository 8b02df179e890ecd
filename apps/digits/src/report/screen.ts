import type { WriteStream } from 'node:tty'
import type { Ink } from './digit.js'
import { barProgress, lineProgress, type Output, type Progress } from './progress.js'

/** Where the report goes, and what can be shown there. */
export type Screen = {
  readonly width: number
  readonly ink: Ink
  readonly line: (text: string) => void
  /** Lines after an empty one; nothing for no lines. */
  readonly section: (lines: readonly string[]) => void
  /** Remarks that are no result go to the other stream. */
  readonly note: (text: string) => void
  /** `unit` is what the stretches of training are called, `epoch` by default. */
  readonly progress: (epochs: number, unit?: string) => Progress
}

/** A standard stream: a terminal, or a file or pipe without a terminal's properties. */
export type Stream = Output & Partial<Pick<WriteStream, 'columns' | 'hasColors'>>

/** Keeps a message on its line, whatever a file name or an argument contains. */
// oxlint-disable-next-line no-control-regex
export const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()

/**
 * Bars and greys on a terminal, plain lines and characters elsewhere. `NO_COLOR`, `TERM=dumb` and the like count as the
 * runtime has them in `hasColors`.
 */
export const screenOn = (out: Stream, err: Stream, env: Readonly<Record<string, string | undefined>>): Screen => {
  const terminal = out.isTTY === true && env['TERM'] !== 'dumb'
  const line = (text: string): void => {
    out.write(`${text}\n`)
  }
  return {
    width: Math.min(out.columns ?? 80, 100),
    ink: terminal && out.hasColors?.(256, env) === true ? 'colour' : 'plain',
    line,
    section: (lines) => ['', ...lines].slice(lines.length === 0 ? 1 : 0).forEach(line),
    note: (text) => {
      err.write(`${oneLine(text)}\n`)
    },
    progress: (epochs, unit) => (terminal ? barProgress(out, epochs, unit) : lineProgress(line, epochs, unit)),
  }
}
