import type { ConntrackEntry, Route, Ruleset, SimTime } from '../sim/index.js'
import { SECOND } from '../sim/index.js'

/** A line of the connection table, as `conntrack -L` prints it. Source: conntrack-tools src/conntrack.c, libnetfilter_conntrack snprintf_default.c */
export function connectionText(entry: ConntrackEntry, now: SimTime): string {
  const { original, reply } = entry
  const numbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, sctp: 132 }
  const seconds = Math.max(0, Math.floor((entry.expires - now) / SECOND))
  const head = `${original.proto.padEnd(8)} ${numbers[original.proto] ?? 0} ${seconds}`
  const tuple = ({ src, dst, sport, dport }: typeof original): string => `src=${src} dst=${dst} sport=${sport} dport=${dport}`
  const words = [
    head,
    entry.state,
    tuple(original),
    entry.replied ? '' : '[UNREPLIED]',
    tuple(reply),
    entry.assured ? '[ASSURED]' : '',
    `mark=${entry.mark}`,
    'use=1',
  ]
  return words.filter((word) => word !== '').join(' ')
}

/** A route, as `ip route` prints it. */
export function routeLine(route: Route): string {
  const destination = route.prefix.length === 0 ? 'default' : route.prefix.text
  const via = route.via === undefined ? '' : ` via ${route.via}`
  const scope = route.via === undefined ? ' scope link' : ''
  const source = route.source === undefined ? '' : ` src ${route.source}`
  return `${destination}${via} dev ${route.device}${scope}${source}`
}

/** On which line (from 1) of its `iptables-save` text each rule stands, by `table chain number`. */
export function ruleLines(ruleset: Ruleset): Readonly<Record<string, number>> {
  const lines: Record<string, number> = {}
  let line = 0
  for (const table of ruleset.tables.values()) {
    line += 1 + table.chains.size
    for (const chain of table.chains.values()) {
      chain.rules.forEach((_, index) => {
        lines[`${table.name} ${chain.name} ${index + 1}`] = ++line
      })
    }
    line += 1
  }
  return lines
}

/** On which line (from 1) of an `nft list ruleset` text each rule stands, by `family table chain number`. */
export function nftRuleLines(text: string): Readonly<Record<string, number>> {
  const lines: Record<string, number> = {}
  let table = ''
  let chain: string | undefined
  let rule = 0
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    const head = /^(table|chain|set|map) (.+) \{$/.exec(line)
    if (head?.[1] === 'table') table = head[2] ?? ''
    if (head !== null) {
      chain = head[1] === 'chain' ? head[2] : undefined
      rule = 0
      continue
    }
    if (line === '}') chain = undefined
    // A base chain's own line and comments are no rules.
    if (chain === undefined || line === '' || line.startsWith('comment "') || line.startsWith('type ')) continue
    lines[`${table} ${chain} ${++rule}`] = index + 1
  }
  return lines
}
