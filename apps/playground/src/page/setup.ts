import type { Settings, TaskName } from '../protocol.js'
import { find, make } from './find.js'

/** A number to choose from a few. */
interface Choice {
  readonly name: string
  readonly title: string
  readonly options: readonly (readonly [title: string, value: number])[]
  readonly initial: number
}

const choices: Readonly<Record<TaskName, readonly Choice[]>> = {
  moons: [
    {
      name: 'width',
      title: 'Units per layer',
      options: [4, 8, 16, 32].map((n) => [String(n), n] as const),
      initial: 16,
    },
    {
      name: 'noise',
      title: 'Noise',
      options: [
        ['low', 0.1],
        ['medium', 0.15],
        ['high', 0.25],
      ],
      initial: 0.15,
    },
  ],
  digits: [
    {
      name: 'channels',
      title: 'Channels',
      options: [4, 8, 16].map((n) => [`${n} · ${2 * n}`, n] as const),
      initial: 8,
    },
    {
      name: 'batch',
      title: 'Digits per step',
      options: [32, 64, 128].map((n) => [String(n), n] as const),
      initial: 64,
    },
  ],
}

const tasks: readonly (readonly [TaskName, string])[] = [
  ['moons', 'Two moons'],
  ['digits', 'Digits'],
]

/** Round learning rates from 0.0001 to 0.1, and which is chosen at first. */
const rates = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1]
const firstRate: Readonly<Record<TaskName, number>> = { moons: 1e-2, digits: 2e-3 }

/** What to learn, and how. */
export interface Setup {
  readonly task: () => TaskName
  readonly settings: () => Settings
  readonly rate: () => number
}

const radio = (group: string, title: string, value: string, checked: boolean, onChoose: () => void): HTMLElement => {
  const input = make('input', '')
  Object.assign(input, { type: 'radio', name: group, value, checked })
  input.addEventListener('change', onChoose)
  return make('label', '', input, make('span', '', title))
}

/** `onSettings` is called when another training shall be set up, `onRate` when the present one shall go on otherwise. */
export const makeSetup = (onSettings: () => void, onRate: (rate: number) => void): Setup => {
  let task: TaskName = 'moons'
  const chosen: Record<TaskName, Record<string, number>> = {
    moons: Object.fromEntries(choices.moons.map(({ name, initial }) => [name, initial])),
    digits: Object.fromEntries(choices.digits.map(({ name, initial }) => [name, initial])),
  }
  const rateOfTask = { ...firstRate }
  const slider = find('rate', HTMLInputElement)
  const rateText = find('rate-value', HTMLOutputElement)
  slider.max = String(rates.length - 1)

  const showRate = (): void => {
    const text = String(rateOfTask[task])
    slider.value = String(rates.indexOf(rateOfTask[task]))
    slider.setAttribute('aria-valuetext', text)
    rateText.value = text
  }
  const fieldset = ({ name, title, options }: Choice): HTMLElement => {
    const segments = options.map(([label, value]) =>
      radio(name, label, String(value), chosen[task][name] === value, () => {
        chosen[task][name] = value
        onSettings()
      }),
    )
    return make('fieldset', '', make('legend', '', title), make('div', 'segments', ...segments))
  }
  const showTask = (): void => {
    find('choices', HTMLElement).replaceChildren(...choices[task].map(fieldset))
    find('moons', HTMLElement).hidden = task !== 'moons'
    find('digits', HTMLElement).hidden = task !== 'digits'
    showRate()
  }

  find('tasks', HTMLElement).append(
    ...tasks.map(([name, title]) =>
      radio('task', title, name, name === task, () => {
        task = name
        showTask()
        onSettings()
      }),
    ),
  )
  slider.addEventListener('input', () => {
    rateOfTask[task] = rates[Number(slider.value)]!
    showRate()
    onRate(rateOfTask[task])
  })
  showTask()
  return { task: () => task, settings: () => chosen[task], rate: () => rateOfTask[task] }
}
