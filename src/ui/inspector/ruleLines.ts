import type { AskedRule, KernelDetails, PacketView, Step } from '../../protocol/index.js'

/** A line of a Node's rules as its tool prints them. */
export interface RuleLine {
  readonly number: number
  readonly text: string
  readonly kind: 'table' | 'chain' | 'rule' | 'other'
  /** The table in which it stands, and the chain (of nftables also the set or map), where it stands in one or names it. */
  readonly table?: string
  readonly chain?: string
  /** Of nftables: the family of its table; both where that is inet. */
  readonly family?: 4 | 6
  /** Of rules: what to ask about it. */
  readonly rule?: AskedRule
}

/** The lines of `iptables-save -c` or `nft list ruleset`, with what each is. */
export function readLines(format: KernelDetails['format'], text: string): readonly RuleLine[] {
  return format === 'nftables' ? readNft(text) : readSave(text)
}

function readSave(text: string): readonly RuleLine[] {
  let table = ''
  return text.split('\n').map((line, index): RuleLine => {
    const number = index + 1
    if (line.startsWith('*')) {
      table = line.slice(1).trim()
      return { number, text: line, kind: 'table', table }
    }
    if (line.startsWith(':')) return { number, text: line, kind: 'chain', table, chain: line.slice(1).split(' ', 1)[0] ?? '' }
    const rule = /^(?:\[\d+:\d+\] )?(-A (\S+) .*)$/.exec(line)
    if (rule === null) return { number, text: line, kind: 'other', table }
    const chain = rule[2] ?? ''
    return { number, text: line, kind: 'rule', table, chain, rule: { chain, text: rule[1] ?? '' } }
  })
}

function readNft(text: string): readonly RuleLine[] {
  let table = ''
  let block = ''
  let isChain = false
  let family: Pick<RuleLine, 'family'> = {}
  return text.split('\n').map((line, index): RuleLine => {
    const number = index + 1
    const inside = line.trim()
    const head = /^(table|chain|set|map) (\S+)(?: (\S+))?/.exec(inside)
    if (head !== null && inside.endsWith('{')) {
      if (head[1] === 'table') {
        table = `${head[2]} ${head[3]}`
        family = head[2] === 'ip' ? { family: 4 } : head[2] === 'ip6' ? { family: 6 } : {}
        return { number, text: line, kind: 'table', table, ...family }
      }
      block = head[2] ?? ''
      isChain = head[1] === 'chain'
      return { number, text: line, kind: 'chain', table, chain: block, ...family }
    }
    if (inside === '}') block = ''
    const place = block === '' ? { table, ...family } : { table, chain: block, ...family }
    if (!isChain || block === '' || inside === '' || inside.startsWith('type ') || inside.startsWith('comment "'))
      return { number, text: line, kind: 'other', ...place }
    return { number, text: line, kind: 'rule', ...place, rule: { chain: block, text: inside } }
  })
}

/** Text and line numbers of the family of a packet; nftables has both in one. */
export function rulesOfFamily(kernel: KernelDetails, family: 4 | 6): Pick<KernelDetails, 'rules' | 'lines'> {
  return family === 6 && kernel.ipv6 !== undefined ? kernel.ipv6 : kernel
}

/** The family of the packet of a step; undefined where it has none. */
export function familyOfStep(step: Step | undefined): 4 | 6 | undefined {
  if (step === undefined || !('packet' in step.facts)) return undefined
  return step.facts.packet.dst.includes(':') ? 6 : 4
}

/** The line of the rule that the present step is about, if it is this Node's and of this family. */
export function litLine(kernel: KernelDetails, step: Step | undefined, family: 4 | 6 = 4): number | undefined {
  if (step === undefined || !('chain' in step.facts) || !('rule' in step.facts)) return undefined
  const { host, table, chain, rule } = step.facts
  if (host !== kernel.node) return undefined
  if (kernel.format === 'iptables' && familyOfStep(step) !== family) return undefined
  return rulesOfFamily(kernel, family).lines[`${table} ${chain} ${rule}`]
}

/** What a rule of nftables reads from a packet, in its own words. */
const READ: Readonly<Record<string, (packet: PacketView) => string>> = {
  'ip daddr': ({ dst }) => dst,
  'ip6 daddr': ({ dst }) => dst,
  'ip saddr': ({ src }) => src,
  'ip6 saddr': ({ src }) => src,
  'meta l4proto': ({ proto }) => proto,
  'th dport': ({ dport }) => String(dport),
  'th sport': ({ sport }) => String(sport),
}

/** The line of the element that the present step's rule found in its set or map; undefined where it looked into none. */
export function litElement(lines: readonly RuleLine[], lit: number | undefined, step: Step | undefined): number | undefined {
  if (lit === undefined || step?.kind !== 'rule') return undefined
  const { text, table, packet } = step.facts
  // A rule may look into a set first; what it found in its map at last is what it did.
  const lookup = [...text.matchAll(/((?:(?:ip6?|meta|th) \w+)(?: \. (?:ip6?|meta|th) \w+)*) (?:vmap )?@(\S+)/g)].at(-1)
  if (lookup === undefined || !table.includes(' ')) return undefined
  const key = (lookup[1] ?? '')
    .split(' . ')
    .map((field) => (Object.hasOwn(READ, field) ? READ[field]?.(packet) : undefined) ?? '?')
    .join(' . ')
  const family = table.startsWith('ip6 ') ? 6 : 4
  const start = lines.findIndex(
    (line) => line.kind === 'chain' && line.family === family && new RegExp(`^\\s*(?:set|map) ${lookup[2]} \\{`).test(line.text),
  )
  if (start < 0) return undefined
  for (const line of lines.slice(start + 1)) {
    if (line.text.trim() === '}') return undefined
    const elements = line.text.replace(/^\s*elements = \{ /, '').split(',')
    if (elements.some((each) => each.trim().replace(/ [:}].*$/, '') === key)) return line.number
  }
  return undefined
}

/** Lines that hold the sought text; without one, those around the lit line. */
export function linesShown(all: readonly RuleLine[], sought: string, lit: number | undefined, most: number): readonly RuleLine[] {
  const words = sought.trim().toLowerCase()
  if (words !== '') return all.filter((line) => line.text.toLowerCase().includes(words)).slice(0, most)
  const at = lit === undefined || all.length <= most ? -1 : all.findIndex((line) => line.number >= lit)
  if (at < 0) return all.slice(0, most)
  const from = Math.max(0, Math.min(at + 1 - Math.floor(most / 2), all.length - most))
  return all.slice(from, from + most)
}
