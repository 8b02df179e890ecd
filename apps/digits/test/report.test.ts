import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { pixels, side } from '../src/dataset/digits.js'
import { lossCurve, shorten } from '../src/report/curve.js'
import { drawDigit, sideBySide } from '../src/report/digit.js'
import { barProgress, lineProgress } from '../src/report/progress.js'
import { oneLine, screenOn, type Stream } from '../src/report/screen.js'
import { describeConfusions, describeResult, describeSetting, drawMistakes, percent } from '../src/report/summary.js'

/** A seven: a bar and a slanted stroke, half ink at the right edge of both. */
const seven = Uint8Array.from({ length: pixels }, (_, i) => {
  const [row, column] = [Math.floor(i / side), i % side]
  if (row >= 5 && row < 8 && column >= 8 && column < 20) return column === 19 ? 128 : 255
  const stroke = 19 - Math.floor((row - 8) / 2)
  if (row >= 8 && row < 22 && column <= stroke && column > stroke - 3) return column === stroke ? 128 : 255
  return 0
})

describe('drawDigit', () => {
  test('draws two pixels to a character', () => {
    const lines = drawDigit(seven, 'plain')
    expect(lines.map((line) => line.trimEnd())).toMatchInlineSnapshot(`
      [
        "",
        "",
        "        ===========:",
        "        @@@@@@@@@@@+",
        "                 @@+",
        "                @@+",
        "               @@+",
        "              @@+",
        "             @@+",
        "            @@+",
        "           @@+",
        "",
        "",
        "",
      ]
    `)
    expect(lines.every((line) => line.length === side)).toBe(true)
  })

  test('draws greys as half blocks', () => {
    const lines = drawDigit(seven, 'colour')
    const [empty, top] = ['\x1b[38;5;16;48;5;16m', '\x1b[38;5;16;48;5;231m']
    expect(lines[2]).toBe(
      `${empty}${'▀'.repeat(8)}${top}${'▀'.repeat(11)}\x1b[38;5;16;48;5;244m▀${empty}${'▀'.repeat(8)}\x1b[0m`,
    )
    for (const line of lines) {
      expect([...line].filter((character) => character === '▀')).toHaveLength(side)
      expect(line.endsWith('\x1b[0m')).toBe(true)
    }
  })

  test('uses the whole ramp', () => {
    const levels = Uint8Array.from({ length: pixels }, (_, i) => Math.min(255, (i % side) * 10))
    expect(new Set(drawDigit(levels, 'plain')[0])).toEqual(new Set(' .:-=+*#%@'))
  })

  test('refuses another size', () => {
    expect(() => drawDigit(new Uint8Array(3), 'plain')).toThrow('drawDigit: expected 784 pixels, got 3')
  })
})

describe('sideBySide', () => {
  test('aligns drawings under their captions', () => {
    const lines = ['x'.repeat(side), 'y'.repeat(side)]
    expect(
      sideBySide([
        { caption: 'one', lines },
        { caption: 'z'.repeat(40), lines },
      ]),
    ).toEqual([`${'one'.padEnd(side)}  ${'z'.repeat(side)}`, `${lines[0]}  ${lines[0]}`, `${lines[1]}  ${lines[1]}`])
  })

  test('gives nothing for no drawings', () => {
    expect(sideBySide([])).toEqual([])
  })
})

describe('lossCurve', () => {
  test('draws a falling loss', () => {
    const losses = Array.from({ length: 200 }, (_, i) => 2.3 * Math.exp(-i / 40))
    expect(lossCurve(losses, 50)).toMatchInlineSnapshot(`
      [
        "   2.22 ┼╮",
        "   2.00 ┤╰╮",
        "   1.78 ┤ ╰╮",
        "   1.56 ┤  ╰╮",
        "   1.34 ┤   ╰╮",
        "   1.12 ┤    ╰─╮",
        "   0.90 ┤      ╰─╮",
        "   0.68 ┤        ╰──╮",
        "   0.46 ┤           ╰───╮",
        "   0.24 ┤               ╰────────╮",
        "   0.02 ┤                        ╰───────────────",
      ]
    `)
  })

  test('never exceeds the width', () => {
    for (const length of [2, 50, 51, 999]) {
      const lines = lossCurve(
        Array.from({ length }, (_, i) => Math.sin(i) + 2),
        60,
      )
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
    }
  })

  test('says it in words when there is no range', () => {
    expect(lossCurve([0.3], 60)).toEqual(['0.30 throughout'])
    expect(lossCurve([0.3, 0.3], 60)).toEqual(['0.30 throughout'])
    expect(lossCurve([], 60)).toEqual([])
  })
})

describe('shorten', () => {
  test('takes means of neighbours', () => {
    expect(shorten([1, 3, 5, 7, 9, 11], 3)).toEqual([2, 6, 10])
    expect(shorten([1, 3], 3)).toEqual([1, 3])
  })
})

const standing = { loss: 0.12345, accuracy: 0.9612, stepsPerSecond: 123.45 }

const terminal = (): { readonly stream: Stream; readonly text: () => string } => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, hasColors: () => true })
  const chunks: string[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString('utf8')))
  return { stream, text: () => chunks.join('') }
}

describe('barProgress', () => {
  const hide = '\x1b[?25l'
  const show = '\x1b[?25h'

  test('draws a bar with loss, accuracy and speed, and gives the cursor back', () => {
    const { stream, text } = terminal()
    const progress = barProgress(stream, 12)
    progress.start(3, 80)
    progress.finish(standing)
    expect(text()).toContain('epoch  3/12 [====================] 80/80  loss 0.1235  accuracy  96.1 %   123.5 steps/s')
    expect(text().lastIndexOf(show)).toBeGreaterThan(text().lastIndexOf(hide))
    expect(text().lastIndexOf(hide)).toBeGreaterThan(-1)
  })

  test('gives the cursor back when it is stopped on the way, once', () => {
    const { stream, text } = terminal()
    const progress = barProgress(stream, 12)
    progress.stop()
    expect(text()).toBe('')
    progress.start(1, 80)
    progress.update(8, standing)
    progress.stop()
    const before = text()
    expect(before).toContain('8/80')
    expect(before.split(show)).toHaveLength(2)
    progress.update(9, standing)
    progress.stop()
    expect(text()).toBe(before)
  })
})

describe('lineProgress', () => {
  test('writes one line per epoch', () => {
    const lines: string[] = []
    const progress = lineProgress((line) => lines.push(line), 12)
    progress.start(3, 80)
    progress.update(40, standing)
    progress.finish(standing)
    progress.stop()
    expect(lines).toEqual(['epoch  3/12  80 steps  loss 0.1235  accuracy  96.1 %   123.5 steps/s'])
  })
})

describe('screenOn', () => {
  test('uses what a terminal can show', () => {
    const { stream, text } = terminal()
    const screen = screenOn(stream, stream, {})
    expect([screen.ink, screen.width]).toEqual(['colour', 100])
    screen.section(['a', 'b'])
    screen.section([])
    screen.note('a\nb')
    expect(text()).toBe('\na\nb\na b\n')
  })

  test('keeps to characters without colours', () => {
    const { stream } = terminal()
    expect(screenOn(Object.assign(stream, { hasColors: () => false }), stream, {}).ink).toBe('plain')
  })

  test('writes plain lines where there is no terminal, or a dumb one', () => {
    const [dumb, pipe] = [terminal(), Object.assign(new PassThrough(), { isTTY: false })]
    for (const [stream, env] of [
      [pipe, {}],
      [dumb.stream, { TERM: 'dumb' }],
    ] as const) {
      const screen = screenOn(stream, stream, env)
      expect(screen.ink).toBe('plain')
      screen.progress(1).start(1, 1)
    }
    expect([dumb.text(), pipe.readableLength]).toEqual(['', 0])
  })
})

describe('oneLine', () => {
  test('removes what would break or colour a line', () => {
    expect(oneLine('a\r\nb\x1b[31mc\x9bd\n')).toBe('a b [31mc d')
  })
})

describe('the summary', () => {
  test('describes the setting', () => {
    expect(
      describeSetting({
        trainSize: 8000,
        testSize: 2000,
        widths: [784, 32, 10],
        parameters: 25450,
        device: 'js',
        seed: 1,
      }),
    ).toBe('8,000 digits to learn from, 2,000 for the test; layers 784-32-10, 25,450 parameters; device js, seed 1')
  })

  test('describes the result', () => {
    expect(describeResult({ accuracy: 0.9745, testSize: 2000, steps: 800, seconds: 12.34 })).toBe(
      'Test accuracy 97.45 % (1949 of 2000); 800 steps in 12.3 s, 64.8 steps/s',
    )
    expect(percent(1)).toBe('100.00 %')
  })

  test('describes confusions', () => {
    expect(
      describeConfusions([
        { truth: 4, read: 9, count: 7 },
        { truth: 3, read: 5, count: 1 },
      ]),
    ).toEqual(['Most confused', '  4 read as 9  7 times', '  3 read as 5  once'])
    expect(describeConfusions([])).toEqual(['No digit was misread'])
  })

  test('draws as many mistakes to a row as fit', () => {
    const images = new Uint8Array(4 * pixels)
    const mistakes = [0, 1, 2].map((index) => ({ index, truth: 4, read: 9, confidence: 0.987 }))
    const lines = drawMistakes(mistakes, images, 'plain', 80)
    expect(lines.filter((line) => line.includes('4 read as 9, 99 % sure'))).toHaveLength(2)
    expect(lines).toHaveLength(1 + 2 * 16)
    expect(drawMistakes([], images, 'plain', 80)).toEqual([])
  })
})
