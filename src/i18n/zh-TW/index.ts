import type { Catalogue } from '../message.js'
import { canvas } from './canvas.js'
import { faults } from './faults.js'
import { shell } from './shell.js'
import { things } from './things.js'
import { transport } from './transport.js'

export const zhTW: Catalogue = {
  ...canvas,
  ...faults,
  ...shell,
  ...things,
  ...transport,
}
