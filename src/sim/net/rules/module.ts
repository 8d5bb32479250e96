import type { Match } from './types.js'
import type { WordReader } from './words.js'

/** A match extension (`-m NAME`) while its options are read. */
export interface Module {
  readonly name: string
  /** Takes an option that belongs to it; false when it is not its own. */
  option(option: string, negated: boolean, reader: WordReader): boolean
  close(): readonly Match[]
}
