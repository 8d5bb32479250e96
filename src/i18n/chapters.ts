import type { ChapterCode } from '../protocol/index.js'
import { type MessageKey, type Phrase, phrase } from './message.js'

/** Chapters whose title says where; the rest have a title without facts. */
type Plain = Exclude<ChapterCode, 'enters-node' | 'crosses' | 'reaches' | 'undone' | 'stopped' | 'answers' | 'fault-happens'>

/** A chapter's title. A code without one does not compile. */
export function chapterTitle(code: ChapterCode, facts: Readonly<Record<string, string>>): Phrase {
  switch (code) {
    case 'enters-node':
      return phrase('chapter.enters-node', { node: shortHost(facts['node']) })
    case 'crosses':
      return phrase('chapter.crosses', { node: shortHost(facts['node']) })
    case 'undone':
      if (facts['node']?.startsWith('lb/') === true) return phrase('chapter.undone.lb')
      return phrase('chapter.undone', { node: shortHost(facts['node']) })
    case 'reaches':
      return phrase('chapter.reaches', { host: shortHost(facts['host']) })
    case 'stopped':
      return phrase('chapter.stopped', { host: shortHost(facts['host']) })
    case 'answers':
      return phrase(facts['host']?.includes('/') === true && facts['what'] !== 'RST' ? 'chapter.answers.pod' : 'chapter.answers')
    case 'fault-happens':
      return phrase(facts['active'] === 'false' ? 'chapter.fault-over' : 'chapter.fault-happens')
    default:
      return plainTitle(code)
  }
}

function plainTitle(code: Plain): Phrase {
  const key: MessageKey = `chapter.${code}`
  return { key, params: {} }
}

/** A host's last name: `pod/default/web-1` is `web-1`. */
function shortHost(host: string | undefined): string {
  return host?.split('/').at(-1) ?? ''
}
