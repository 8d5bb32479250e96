import type { Catalogue } from '../message.js'
import { shell } from './shell.js'
import { things } from './things.js'

export const zhCN: Catalogue = {
  ...shell,
  ...things,
}
