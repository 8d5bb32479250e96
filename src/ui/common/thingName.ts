import { type Phrase, phrase, thingPhrase } from '../../i18n/index.js'
import type { ThingId } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'

const RULES = 'iptables/'

/** The Node whose rules a thing is; undefined for other things. */
function nodeOfRules(id: ThingId): string | undefined {
  return id.startsWith(RULES) ? id.slice(RULES.length) : undefined
}

/** A thing's name as things stand: a Node's rules are called by what its kernel holds them in. */
export function namedIn(id: ThingId, proxyMode: string | undefined): Phrase {
  const node = nodeOfRules(id)
  return node !== undefined && proxyMode === 'nftables' ? phrase('thing.nftables', { node }) : thingPhrase(id)
}

/** The same where the page stands. */
export function useThingName(id: ThingId): Phrase {
  const mode = useMirror((mirror) => mirror.scene.nodes.get(`node/${nodeOfRules(id) ?? ''}`)?.proxyMode)
  return namedIn(id, mode)
}
