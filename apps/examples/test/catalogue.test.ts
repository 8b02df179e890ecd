import { InputError } from 'digits/program'
import { describe, expect, test } from 'vitest'
import { names, play } from '../src/catalogue.js'
import { rehearsal } from './stage.js'

const told = async (args: readonly string[]): Promise<string> => {
  const { stage, shown } = rehearsal()
  await play(args, stage)
  return shown()
}

describe('play', () => {
  test.each([[[]], [['--help']], [['-h']]])('shows all examples for %j', async (args) => {
    const text = await told(args)
    for (const name of names) expect(text).toMatch(new RegExp(`^  ${name} +a `, 'm'))
  })

  test.each(names)('shows the options of %s', async (name) => {
    const text = await told([name, '--help'])
    expect(text).toContain(`npm run example -- ${name} [options]`)
    for (const option of ['--seed', '--device', '--help']) expect(text).toContain(option)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
  })

  test.each([
    [['rnn'], 'there is no example "rnn", only cnn, lstm, vae, lora, gpt'],
    [['cnn', '--epochs', '0'], '--epochs must be a whole number from 1 to 1000, got "0"; see --help'],
    [['cnn', '--device', 'abacus'], /^there is no device "abacus" here, only js/],
  ])('refuses %j', async (args, message) => {
    const failure = play(args, rehearsal().stage)
    await expect(failure).rejects.toThrow(InputError)
    await expect(failure).rejects.toThrow(message)
  })
})
