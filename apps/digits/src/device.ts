import { DeviceError, devices, init, setDefaultDevice } from 'linum'
import { InputError } from './failure.js'
import { softwareDriver } from './vulkan.js'

const help = 'In this repository, `npm run gpu` installs what the GPU needs and tells what is still missing.'

/** Opens the GPU; where there is none, a driver that does its work on the processor, and says so. */
const openGpu = async (note: (text: string) => void): Promise<void> => {
  Object.assign(process.env, softwareDriver(process.env))
  const refusal = await attempt({})
  if (refusal === null) return
  if ((await attempt({ software: true })) !== null) throw new InputError(`${refusal}\n${help}`)
  const { description } = devices().find(({ name }) => name === 'gpu')!
  note(
    `There is no GPU to be used here; its work is done on the processor, slower than by --device wasm: ${description}`,
  )
}

/** Why the gpu cannot be opened this way, or null once it is open. */
const attempt = async (options: { readonly software?: boolean }): Promise<string | null> => {
  try {
    await init('gpu', options)
    return null
  } catch (error) {
    if (error instanceof DeviceError) return error.message
    throw error
  }
}

/**
 * Makes a device the default, starting it first; null keeps the library's choice. Returns the name of the device in use.
 * `note` gets what the user should know of it.
 *
 * @throws {@link InputError} if there is no such device here
 */
export const selectDevice = async (name: string | null, note: (text: string) => void): Promise<string> => {
  const found = devices()
  if (name === null) return found.find((device) => device.default)?.name ?? 'js'
  const names = [...new Set([...found.map((device) => device.name), 'gpu'])]
  if (!names.includes(name))
    throw new InputError(`there is no device ${JSON.stringify(name)} here, only ${names.join(', ')}`)
  await (name === 'gpu' ? openGpu(note) : init(name))
  setDefaultDevice(name)
  return name
}
