import { decodeLink, ENGINE_VERSION, encodeLink } from '../../protocol/index.js'
import type { SourceFile } from '../../scenario/index.js'
import { readInput, seedOf } from '../cluster.js'
import type { Options } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused, usage } from '../outcome.js'
import { linkText } from './check.js'

/** Makes a share link of a scenario, as the text behind `#/s/`. */
export function link(files: readonly SourceFile[], options: Options): VerbOutcome {
  const { seed } = readInput(files, seedOf(options))
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

/** Prints the scenario in a link: the address, or what stands behind `#/s/` in it, or a file that holds one. @throws VerbStop 2 without one. */
export function open(words: readonly string[], files: readonly SourceFile[]): VerbOutcome {
  const [word, ...more] = words
  const named = files.find((file) => file.name === word) ?? (word === undefined ? files[0] : undefined)
  const text = (named?.text ?? word ?? '').trim()
  if (text === '') throw usage('open needs a link')
  if (more.length > 0) throw usage('open takes one link')
  const decoded = decodeLink(linkText(text) ?? text)
  if (!decoded.ok) throw refused(`the link cannot be opened: ${decoded.error.code}`)
  return done(decoded.value.files.map((file) => (file.text.endsWith('\n') ? file.text : `${file.text}\n`)).join('---\n'))
}
