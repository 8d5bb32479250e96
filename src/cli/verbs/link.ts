import { decodeLink, ENGINE_VERSION, encodeLink } from '../../protocol/index.js'
import type { SourceFile } from '../../scenario/index.js'
import { readInput } from '../cluster.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused } from '../outcome.js'
import { linkText } from './check.js'

/** Makes a share link of a scenario, as the text behind `#/s/`. */
export function link(files: readonly SourceFile[]): VerbOutcome {
  const { seed } = readInput(files)
  const text = encodeLink({
    engine: ENGINE_VERSION,
    id: '',
    files: [...files],
    seed,
    actions: [],
    position: { step: 0, at: 0 },
    view: {},
  })
  return done(`#/s/${text}\n`)
}

/** Prints the scenario in a link. */
export function open(text: string): VerbOutcome {
  const decoded = decodeLink(linkText(text) ?? text)
  if (!decoded.ok) throw refused(`the link cannot be opened: ${decoded.error.code}`)
  return done(decoded.value.files.map((file) => (file.text.endsWith('\n') ? file.text : `${file.text}\n`)).join('---\n'))
}
