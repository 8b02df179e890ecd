/** The part of the plane that the moons are shown in, and how finely the field is looked at. */
export const plane = { left: -1.7, right: 2.7, top: 1.65, bottom: -1.15, columns: 89, rows: 57 } as const
