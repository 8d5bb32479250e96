import { canvas } from './canvas.js'
import { chapters } from './chapters.js'
import { faults } from './faults.js'
import { shell } from './shell.js'
import { steps } from './steps.js'
import { terms } from './terms.js'
import { things } from './things.js'
import { transport } from './transport.js'

/** English: the source of keys and placeholders. */
export const en = {
  ...canvas,
  ...chapters,
  ...faults,
  ...shell,
  ...steps,
  ...terms,
  ...things,
  ...transport,
} as const
