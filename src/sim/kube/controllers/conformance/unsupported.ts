/** Stories that the simulation does not tell as recorded, and why. A story that passes must leave this list. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {}
