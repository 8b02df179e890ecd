import { devices, init, setDefaultDevice } from 'linum'
import { InputError } from './failure.js'

/**
 * Makes a device the default, starting it first; null keeps the library's choice. Returns the name of the device in use.
 *
 * @throws {@link InputError} if there is no such device here
 */
export const selectDevice = async (name: string | null): Promise<string> => {
  const names = devices().map((device) => device.name)
  if (name === null) return names[0] ?? 'js'
  if (!names.includes(name))
    throw new InputError(`there is no device ${JSON.stringify(name)} here, only ${names.join(', ')}`)
  await init(name)
  setDefaultDevice(name)
  return name
}
