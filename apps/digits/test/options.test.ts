import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { InputError } from '../src/failure.js'
import { defaults, helpText, parseOptions } from '../src/options.js'

describe('parseOptions', () => {
  test('gives the defaults for no arguments', () => {
    expect(parseOptions([])).toEqual(defaults)
  })

  test('reads every option', () => {
    const args = ['--epochs', '3', '--batch=64', '--lr', '1e-3', '--hidden', '32,16', '--seed', '7', '--device', 'js']
    expect(parseOptions(args)).toEqual({
      epochs: 3,
      batch: 64,
      lr: 0.001,
      hidden: [32, 16],
      seed: 7,
      device: 'js',
      help: false,
    })
  })

  test('reads help in both spellings', () => {
    expect(parseOptions(['--help']).help).toBe(true)
    expect(parseOptions(['-h']).help).toBe(true)
  })

  test('lets the last mention of an option win', () => {
    expect(parseOptions(['--seed', '1', '--seed', '2']).seed).toBe(2)
  })

  test.each([
    [['--epochs', '0'], '--epochs must be a whole number from 1 to 1000, got "0"; see --help'],
    [['--epochs', '-1'], '--epochs must be a whole number from 1 to 1000, got "-1"; see --help'],
    [['--epochs', '1e2'], '--epochs must be a whole number from 1 to 1000, got "1e2"; see --help'],
    [['--epochs'], '--epochs needs a value; see --help'],
    [['--batch', '1'], '--batch must be a whole number from 2 to 10000, got "1"; see --help'],
    [['--lr', 'NaN'], '--lr must be a number above 0 and at most 10, got "NaN"; see --help'],
    [['--lr', '0x1'], '--lr must be a number above 0 and at most 10, got "0x1"; see --help'],
    [
      ['--hidden', '8,,8'],
      '--hidden must be 1 to 8 layer widths from 1 to 4096, separated by commas, got "8,,8"; see --help',
    ],
    [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295, got "4294967296"; see --help'],
    [['--device', ''], '--device must be the name of a device such as js, got ""; see --help'],
    [['--help=yes'], '--help takes no value, got "yes"'],
    [['3'], 'takes options only, got "3"; see --help'],
    [['--', '--seed'], 'takes options only, got "--seed"; see --help'],
    [
      ['--epoch', '3'],
      'unknown option "--epoch"; the options are --epochs --batch --lr --hidden --seed --device --help',
    ],
    [
      ['--toString=1'],
      'unknown option "--toString"; the options are --epochs --batch --lr --hidden --seed --device --help',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(new InputError(message))
  })

  test.prop(
    [
      fc.array(
        fc.oneof(
          fc.string(),
          fc.constantFrom('--epochs', '--lr', '--hidden', '--', '-h', '--__proto__', '--constructor'),
        ),
      ),
    ],
    {
      numRuns: 300,
    },
  )('gives options or an InputError for any arguments', (args) => {
    try {
      expect(Object.keys(parseOptions(args)).sort()).toEqual(Object.keys(defaults).sort())
    } catch (error) {
      expect(error).toBeInstanceOf(InputError)
    }
  })

  test.prop([
    fc.integer({ min: 1, max: 1000 }),
    fc.double({ min: 1e-6, max: 10, noNaN: true }),
    fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 8 }),
  ])('reads back what is printed', (epochs, lr, hidden) => {
    expect(parseOptions([`--epochs=${epochs}`, `--lr=${lr}`, `--hidden=${hidden}`])).toEqual({
      ...defaults,
      epochs,
      lr,
      hidden,
    })
  })
})

describe('helpText', () => {
  test('names every option', () => {
    for (const name of Object.keys(defaults)) expect(helpText).toContain(`--${name}`)
  })

  test('fits into 120 columns', () => {
    expect(Math.max(...helpText.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
  })
})
