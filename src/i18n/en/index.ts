import { canvas } from './canvas.js'
import { faults } from './faults.js'
import { shell } from './shell.js'
import { things } from './things.js'
import { transport } from './transport.js'

/** English: the source of keys and placeholders. */
export const en = {
  ...canvas,
  ...faults,
  ...shell,
  ...things,
  ...transport,
} as const
