import type { DeviceChoice } from '../protocol.js'
import { probe } from './engine.js'
import { find, make } from './find.js'

const titles: Readonly<Record<DeviceChoice, string>> = {
  js: 'JavaScript',
  wasm: 'WebAssembly',
  'gpu-webgpu': 'WebGPU',
  'gpu-webgl2': 'WebGL 2',
}
const names = Object.keys(titles) as readonly DeviceChoice[]

/** What keeps a device from being tried at all. */
const obstacle = (device: DeviceChoice): string | null => {
  if (device === 'wasm' && typeof WebAssembly === 'undefined') return 'This browser has no WebAssembly.'
  if (device === 'gpu-webgpu' && !isSecureContext) return 'WebGPU needs a page from https or localhost.'
  if (device === 'gpu-webgpu' && !('gpu' in navigator)) return 'This browser has no WebGPU.'
  if (device === 'gpu-webgl2' && document.createElement('canvas').getContext('webgl2') === null)
    return 'This browser has no WebGL 2.'
  return null
}

/** What the library says, without the function that said it. */
const sentence = (text: string): string => {
  const said = text.replace(/^[a-z]\w*: /i, '')
  return said.charAt(0).toUpperCase() + said.slice(1)
}

/** The devices to choose from. */
export interface DeviceList {
  readonly select: (device: DeviceChoice) => void
  /** A device turned out not to be usable. */
  readonly refuse: (device: DeviceChoice, reason: string) => void
  readonly describe: (device: DeviceChoice, description: string) => void
  /** Tries all but one, each in a worker of its own, one after the other. */
  readonly tryOthers: (known: DeviceChoice) => Promise<void>
}

/** Shows every device; one can be chosen when a try has started it. */
export const makeDeviceList = (onChoose: (device: DeviceChoice) => void): DeviceList => {
  const rows = new Map(
    names.map((device) => {
      const input = make('input', '')
      Object.assign(input, { type: 'radio', name: 'device', value: device, disabled: true })
      const note = make('small', 'note', 'Trying …')
      const label = make('label', 'device', input, make('span', 'dot'), make('span', 'name', titles[device]), note)
      input.addEventListener('change', () => onChoose(device))
      find('devices', HTMLElement).append(label)
      return [device, { input, note, label }] as const
    }),
  )
  const row = (device: DeviceChoice) => rows.get(device)!
  const tell = (device: DeviceChoice, text: string, usable: boolean): void => {
    const { input, note, label } = row(device)
    note.textContent = sentence(text)
    label.title = sentence(text)
    input.disabled = !usable
  }
  return {
    select: (device) => {
      row(device).input.checked = true
    },
    refuse: (device, reason) => tell(device, reason, false),
    describe: (device, description) => tell(device, description, true),
    tryOthers: async (known) => {
      for (const device of names.filter((name) => name !== known)) {
        const reason = obstacle(device)
        const { usable, text } = reason === null ? await probe(device) : { usable: false, text: reason }
        tell(device, text, usable)
      }
    },
  }
}
