import type { Catalogue } from '../message.js'
import { shell } from './shell.js'
import { things } from './things.js'

export const zhTW: Catalogue = {
  ...shell,
  ...things,
}
