import { describe, expect, test } from 'vitest'
import { defaultsOf, helpLines, type OptionTable, parseCommandLine, rate, text, whole } from '../src/command-line.js'
import { InputError } from '../src/failure.js'

type Values = { readonly steps: number; readonly speed: number; readonly prompt: string }

const table: OptionTable<Values> = {
  steps: whole(7, [1, 9], 'steps'),
  speed: rate(0.5, 'speed'),
  prompt: text('the sea', '<text>', 'how to begin'),
}

describe('a table of options', () => {
  test('has its defaults', () => {
    expect(defaultsOf(table)).toEqual({ steps: 7, speed: 0.5, prompt: 'the sea', help: false })
  })

  test('reads what is mentioned', () => {
    expect(parseCommandLine(table, ['--prompt', 'a b', '--steps=9'])).toEqual({
      steps: 9,
      speed: 0.5,
      prompt: 'a b',
      help: false,
    })
  })

  test('names its options where another is given', () => {
    expect(() => parseCommandLine(table, ['--step', '3'])).toThrow(
      new InputError('unknown option "--step"; the options are --steps --speed --prompt --help'),
    )
  })

  test('takes no empty text', () => {
    expect(() => parseCommandLine(table, ['--prompt='])).toThrow(InputError)
  })

  test('explains itself in columns', () => {
    expect(helpLines(table)).toEqual([
      '  --steps <n>      steps (default 7)',
      '  --speed <x>      speed (default 0.5)',
      '  --prompt <text>  how to begin (default "the sea")',
      '  -h, --help       this text',
    ])
  })
})
