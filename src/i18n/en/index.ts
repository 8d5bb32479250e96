import { shell } from './shell.js'
import { things } from './things.js'

/** English: the source of keys and placeholders. */
export const en = {
  ...shell,
  ...things,
} as const
