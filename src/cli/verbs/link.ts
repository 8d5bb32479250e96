import type { LinkContent } from '../../protocol/index.js'
import { decodeLink, ENGINE_VERSION, encodeLink } from '../../protocol/index.js'
import type { SourceFile } from '../../scenario/index.js'
import type { Cluster } from '../cluster.js'
import { linkText, readInput, seedOf } from '../cluster.js'
import type { Options } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused, usage } from '../outcome.js'

/** Makes a share link of a scenario, as the text behind `#/s/`. */
export function link(files: readonly SourceFile[], options: Options): VerbOutcome {
  const { seed } = readInput(files, seedOf(options))
  return linkTo({ files, seed, actions: [], position: { step: 0, at: 0 } })
}

/** Makes a share link of a session: its scenario and all that was done to it. */
export function linkOfSession({ input: { files, seed }, session: { history, position } }: Cluster): VerbOutcome {
  return linkTo({ files, seed, actions: history.actions, position: { step: position, at: history.world.now } })
}

function linkTo(content: Pick<LinkContent, 'files' | 'seed' | 'actions' | 'position'>): VerbOutcome {
  return done(`#/s/${encodeLink({ engine: ENGINE_VERSION, id: '', view: {}, ...content })}\n`)
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
