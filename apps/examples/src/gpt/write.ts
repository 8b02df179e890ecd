import { clone, jit, np, random, type Tensor } from 'linum'
import type { Gpt } from './model.js'

/** How to write. */
export type WriteOptions = {
  /** The characters to begin with, at least one. */
  readonly prompt: Int32Array
  /** How many characters to write, the prompt included. */
  readonly length: number
  /** Below 1 likely characters become likelier. */
  readonly temperature: number
  readonly seed: number
}

/** One compiled step: reads a character into the cache and draws the next. */
const writeStep = jit((model: Gpt, token: Tensor, position: Tensor, temperature: Tensor, key: Tensor) =>
  random.categorical(key, model.next(token, position).div(temperature)),
)

const int = (n: number): Tensor => np.array(n, { dtype: 'int32' })

/** Lets the model go on with a text. Nothing of the model changes: a clone has the cache of keys and values. */
export const write = async (model: Gpt, options: WriteOptions): Promise<readonly number[]> => {
  const { time } = model.sizes
  const writer = clone(model)
  const [temperature, key] = [np.array(options.temperature), random.key(options.seed)]
  const tokens = [...options.prompt]
  while (tokens.length < options.length) {
    // The cache has `time` places. Whenever it is full, the last half of the text is read again into an empty one.
    writer.startReading()
    const known = tokens.slice(-Math.ceil(time / 2))
    for (let at = 0; at < time && tokens.length < options.length; at++) {
      const token = known[at] ?? tokens.at(-1)!
      const drawn = writeStep(writer, int(token), int(at), temperature, random.foldIn(key, tokens.length))
      if (at >= known.length - 1) tokens.push(Number((await drawn.data())[0]))
    }
  }
  return tokens
}
