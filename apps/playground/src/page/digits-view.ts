import type { Readings, Samples } from '../protocol.js'
import { side } from './digit-image.js'
import { find, make } from './find.js'
import { makePad } from './pad.js'

/** A pad with what the model reads there, and digits that it has not seen. */
export interface DigitsView {
  readonly setData: (data: Samples) => void
  readonly setReadings: (readings: Readings) => void
  /** What the model reads on the pad. */
  readonly setRead: (probabilities: Float32Array) => void
  /** The image on the pad, if it shall be read again. */
  readonly image: () => Float32Array | null
}

const classes = 10
const pixels = side * side

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`

const mostProbable = (probabilities: Float32Array): number =>
  probabilities.reduce((best, value, i) => (value > probabilities[best]! ? i : best), 0)

const makeBars = () => {
  const rows = Array.from({ length: classes }, (_, digit) => {
    const fill = make('span', 'fill')
    const value = make('span', 'value')
    const row = make('li', '', make('span', 'digit', String(digit)), make('span', 'track', fill), value)
    find('bars', HTMLElement).append(row)
    return { row, fill, value }
  })
  return (probabilities: Float32Array | null): void => {
    const best = probabilities === null ? -1 : mostProbable(probabilities)
    rows.forEach(({ row, fill, value }, digit) => {
      const share = probabilities?.[digit] ?? 0
      fill.style.transform = `scaleX(${share})`
      value.textContent = probabilities === null ? '' : percent(share)
      row.classList.toggle('best', digit === best)
    })
  }
}

const thumbnail = (levels: Uint8Array): HTMLCanvasElement => {
  const canvas = make('canvas', 'ink')
  Object.assign(canvas, { width: side, height: side })
  const picture = new ImageData(side, side)
  levels.forEach((level, i) => {
    picture.data[4 * i + 3] = level
  })
  canvas.getContext('2d')!.putImageData(picture, 0, 0)
  return canvas
}

/** `onDraw` is called when there is another image on the pad. */
export const makeDigitsView = (onDraw: (image: Float32Array) => void): DigitsView => {
  const showBars = makeBars()
  const answer = find('answer', HTMLElement)
  const list = find('samples', HTMLElement)
  let samples: readonly { readonly button: HTMLButtonElement; readonly read: HTMLElement; readonly label: number }[] =
    []
  const showAnswer = (probabilities: Float32Array | null): void => {
    showBars(probabilities)
    answer.textContent = probabilities === null ? '–' : String(mostProbable(probabilities))
  }
  const pad = makePad(() => {
    const image = pad.image()
    if (image === null) showAnswer(null)
    else onDraw(image)
  })
  showAnswer(null)
  return {
    setData: ({ images, labels }) => {
      samples = Array.from(labels, (label, i) => {
        const levels = images.subarray(i * pixels, (i + 1) * pixels)
        const read = make('span', 'read')
        const button = make('button', 'sample', thumbnail(levels), read)
        button.type = 'button'
        button.addEventListener('click', () => pad.show(levels))
        return { button, read, label }
      })
      list.replaceChildren(...samples.map(({ button }) => make('li', '', button)))
    },
    setReadings: ({ probabilities }) => {
      samples.forEach(({ button, read, label }, i) => {
        const found = mostProbable(probabilities.subarray(i * classes, (i + 1) * classes))
        read.textContent = String(found)
        button.classList.toggle('wrong', found !== label)
        button.setAttribute('aria-label', `A ${label}, read as ${found}: put it on the pad`)
      })
    },
    setRead: (probabilities) => {
      if (pad.image() !== null) showAnswer(probabilities)
    },
    image: pad.image,
  }
}
