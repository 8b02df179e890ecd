/** The path of a Chromium: CHROMIUM, else one on the PATH or where it is usually installed; or why there is none. */
export function findChromium(): { path: string; reason?: undefined } | { path?: undefined; reason: string }
