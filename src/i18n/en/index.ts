import { canvas } from './canvas.js'
import { chapters } from './chapters.js'
import { decisions } from './decisions.js'
import { editor } from './editor.js'
import { facts } from './facts.js'
import { faults } from './faults.js'
import { gallery } from './gallery.js'
import { inspector } from './inspector.js'
import { proxy } from './proxy.js'
import { request } from './request.js'
import { rules } from './rules.js'
import { share } from './share.js'
import { shell } from './shell.js'
import { steps } from './steps.js'
import { terms } from './terms.js'
import { things } from './things.js'
import { transport } from './transport.js'
import { why } from './why.js'

/** English: the source of keys and placeholders. */
export const en = {
  ...canvas,
  ...chapters,
  ...decisions,
  ...editor,
  ...facts,
  ...faults,
  ...gallery,
  ...inspector,
  ...proxy,
  ...request,
  ...rules,
  ...share,
  ...shell,
  ...steps,
  ...terms,
  ...things,
  ...transport,
  ...why,
} as const
