import type { Phrase, Segment } from '../../i18n/index.js'
import type { Level, Step } from '../../protocol/index.js'
import type { Track } from '../../state/transport.js'
import { foldedIn, sayStops } from './presentModel.js'

/** What turns a phrase into the pieces of a sentence in the page's language. */
type Segments = (said: Phrase) => readonly Segment[]

/**
 * A flow at a level as Markdown: a heading, then each stop as a numbered line. Under a line stand the rule that it is about, as the Node's
 * own tool prints it, and what is folded into it: rewrites, choices, drops, writes; a chapter's last step is one of those. Names and
 * addresses are code.
 */
export function traceMarkdown(title: Phrase, track: Track, level: Level, segments: Segments): string {
  const stops = new Set(track.levels.stops[level])
  const say = sayStops(track, level)
  const lines: string[] = [`### ${marked(segments(title))}`, '']
  let before = 0
  let number = 0
  for (const step of track.steps) {
    if (!stops.has(step.id)) continue
    number++
    lines.push(`${number}. ${marked(segments(say(step)))}`)
    lines.push(...ruleLines(step, level))
    const after = level === 'overview' ? step.id + 1 : step.id
    for (const { text } of foldedIn(track.steps, before, after)) lines.push(`   - ${marked(segments(text))}`)
    before = step.id
  }
  return `${lines.join('\n')}\n`
}

function ruleLines(step: Step, level: Level): readonly string[] {
  if (level !== 'rules' || step.kind !== 'rule') return []
  return [`   - ${code(step.facts.table)} ${code(step.facts.text)}`]
}

function marked(pieces: readonly Segment[]): string {
  return pieces.map((piece) => (piece.type === 'fact' ? code(piece.text) : escaped(piece.text))).join('')
}

/** A code span; its fence is longer than any run of backticks within, as CommonMark asks. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`
}

function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, '\\$&')
}
