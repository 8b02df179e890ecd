import {
  deviceOption,
  InputError,
  type Option,
  rate,
  type Screen,
  seedOption,
  text,
  whole,
  withProgress,
} from 'digits/program'
import { Rngs } from 'linum'
import type { CommonOptions, Example } from '../example.js'
import { grouped, sizeOf } from '../sizes.js'
import { Gpt } from './model.js'
import { readText, Vocabulary } from './text.js'
import { test, train, type TrainOptions } from './train.js'
import { write } from './write.js'

const sizes = { time: 64, width: 128, heads: 4, depth: 3 }
const parts = 5

type Options = TrainOptions & {
  readonly file: string | null
  readonly prompt: string
  readonly length: number
  readonly temperature: number
} & CommonOptions

const fileOption: Option<string | null> = {
  placeholder: '<path>',
  about: 'a text of your own to learn (default: Moby Dick)',
  fallback: null,
  read: (_, path) => path,
}

/** A text in lines of at most `width` characters, indented, broken between words where that is possible. */
const folded = (written: string, width: number): readonly string[] => {
  const lines = new RegExp(`.{1,${width - 2}}(?= |$)|.{1,${width - 2}}`, 'g')
  return (written.replace(/\s+/g, ' ').match(lines) ?? []).map((line) => `  ${line.trim()}`)
}

const show = (screen: Screen, written: string): void => [...folded(written, screen.width), ''].forEach(screen.line)

/** A transformer that learns, character by character, to write like a book. */
export const gpt: Example<Options> = {
  options: {
    steps: whole(1500, [1, 1_000_000], 'steps of training'),
    batch: whole(16, [1, 1024], `pieces of ${sizes.time} characters per step`),
    lr: rate(0.003, 'peak learning rate'),
    file: fileOption,
    prompt: text('The whale', '<text>', 'how samples begin'),
    length: whole(240, [1, 10_000], 'characters of a sample'),
    temperature: rate(0.8, 'below 1 samples are more careful, above 1 bolder'),
    seed: seedOption('weights, pieces and samples'),
    device: deviceOption,
  },
  run: async (options, { screen, signal }) => {
    const book = await readText(options.file)
    const vocabulary = new Vocabulary(book)
    const prompt = vocabulary.encode(options.prompt)
    const tokens = vocabulary.encode(book)
    const border = Math.floor(tokens.length * 0.95)
    const [learned, unseen] = [tokens.subarray(0, border), tokens.subarray(border)]
    if (unseen.length <= sizes.time)
      throw new InputError(
        `the text is too short to learn from, got ${tokens.length} characters; --file needs some thousand`,
      )

    const model = new Gpt({ ...sizes, vocabulary: vocabulary.characters.length }, { rngs: new Rngs(options.seed) })
    screen.line(
      `A transformer of ${grouped(sizeOf(model))} parameters; ${grouped(tokens.length)} characters, ${vocabulary.characters.length} different ones`,
    )
    const started = performance.now()
    await withProgress(screen.progress(parts, 'part'), signal, (progress) =>
      train(model, learned, options, parts, { progress, signal }, async () => {
        screen.line(`Loss on the end of the book, which it has not seen: ${(await test(model, unseen)).toFixed(3)}`)
        show(screen, vocabulary.decode(await write(model, { ...options, prompt })))
      }),
    )
    screen.line(`${options.steps} steps in ${((performance.now() - started) / 1000).toFixed(1)} s, samples included`)
  },
}
