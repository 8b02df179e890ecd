import { devices, init, setDefaultDevice } from 'linum'
import { InputError } from './failure.js'

/**
 * Makes a device the default, starting it first; null keeps the library's choice. Returns the name of the device in use.
 *
 * @throws {@link InputError} if there is no such device here
 */
export const selectDevice = async (name: string | null): Promise<string> => {
  const found = devices()
  if (name === null) return found.find((device) => device.default)?.name ?? 'js'
  const names = found.map((device) => device.name)
  if (!names.includes(name))
    throw new InputError(`there is no device ${JSON.stringify(name)} here, only ${names.join(', ')}`)
  await init(name)
  setDefaultDevice(name)
  return name
}
