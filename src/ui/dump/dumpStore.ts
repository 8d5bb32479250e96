import { create } from 'zustand'
import type { Answer, DumpPacket } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'

export type Tried = Extract<Answer, { readonly type: 'try-dump' }>

/** Rules of a real Node that are tried on a simulated one: a view, never part of the cluster or of a link. */
export interface Dump {
  readonly text: string
  readonly packet: DumpPacket
  /** What the simulation said of this text, and of this packet where one was walked. */
  readonly tried: Tried | undefined
  readonly asking: boolean
}

const NOTHING: Dump = {
  text: '',
  packet: { src: '203.0.113.7', dst: '', proto: 'tcp' },
  tried: undefined,
  asking: false,
}

interface Dumps {
  readonly dumps: ReadonlyMap<string, Dump>
  /** What was taken away last, by Node: it can be put back. */
  readonly taken: ReadonlyMap<string, Dump>
}

export const useDumps = create<Dumps>()(() => ({ dumps: new Map(), taken: new Map() }))

export function dumpOf(node: string): Dump {
  return useDumps.getState().dumps.get(node) ?? NOTHING
}

export function useDump(node: string): Dump {
  return useDumps(({ dumps }) => dumps.get(node) ?? NOTHING)
}

export function changeDump(node: string, change: Partial<Dump>): void {
  useDumps.setState(({ dumps }) => ({ dumps: new Map(dumps).set(node, { ...(dumps.get(node) ?? NOTHING), ...change }) }))
}

/** Milliseconds without another key before what is typed is asked of the simulation. */
const REST_MS = 350

/** Takes the rules of a real Node away again; they are kept aside. */
export function dropDump(node: string): void {
  useDumps.setState(({ dumps, taken }) => {
    const left = new Map(dumps)
    left.delete(node)
    const gone = dumps.get(node)
    return gone === undefined || gone.text === '' ? { dumps: left } : { dumps: left, taken: new Map(taken).set(node, gone) }
  })
}

/** Puts back what was taken away, and asks anew: the simulated rules may have changed meanwhile. */
export function putDumpBack(node: string): void {
  const dump = useDumps.getState().taken.get(node)
  if (dump === undefined) return
  changeDump(node, { ...dump, tried: undefined })
  void tryDump(node)
}

/** Takes a text that is being typed as a Node's rules. */
export function typeDump(node: string, text: string): void {
  if (text === '') return dropDump(node)
  changeDump(node, { text })
  setTimeout(() => {
    if (dumpOf(node).text === text) setDump(node, text)
  }, REST_MS)
}

/** Takes a text as a Node's rules, and begins with a destination that it names. */
export function setDump(node: string, text: string): void {
  const { packet } = dumpOf(node)
  const known = destinationsIn(text)
  const [first] = known
  const fits = known.some(({ dst }) => dst === packet.dst)
  changeDump(node, { text, tried: undefined, packet: first === undefined || fits ? packet : withDestination(packet, first) })
  void tryDump(node)
}

/** A packet to another destination; from a sender of the same family, which is a stranger's address unless one was typed. */
export function withDestination(
  packet: DumpPacket,
  to: { readonly dst: string; readonly proto?: DumpPacket['proto'] },
): DumpPacket {
  const isIpv6 = to.dst.startsWith('[')
  const isStranger = STRANGERS.includes(packet.src)
  const src = isStranger ? (isIpv6 ? '2001:db8::7' : '203.0.113.7') : packet.src
  return { ...packet, ...to, src }
}

/** Addresses for documentation: nobody has them. */
const STRANGERS: readonly string[] = ['203.0.113.7', '2001:db8::7']

/** Asks the simulation of a Node's text, and with `walk` what it does with the packet. */
export async function tryDump(node: string, walk = false): Promise<void> {
  const { text, packet } = dumpOf(node)
  if (text.trim() === '') return
  changeDump(node, { asking: true })
  const tried = await askFor({ type: 'try-dump', node, text, ...(walk ? { packet } : {}) }, 'try-dump')
  // Another text may have been put in while the answer was on its way.
  if (dumpOf(node).text === text) changeDump(node, { asking: false, tried })
}

/** Destinations offered at most. */
const OFFERED = 200

/** Service addresses and ports that the rules of kube-proxy name, in the order of the text. */
export function destinationsIn(text: string): readonly { readonly dst: string; readonly proto: DumpPacket['proto'] }[] {
  const found = new Map<string, { readonly dst: string; readonly proto: DumpPacket['proto'] }>()
  const add = (ip: string, port: string, proto: string): void => {
    if (found.size >= OFFERED || (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp')) return
    const dst = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
    found.set(`${dst} ${proto}`, { dst, proto })
  }
  for (const line of text.split('\n')) {
    const rule = /-A KUBE-SERVICES .*-d ([0-9a-f.:]+)\/(?:32|128) -p (\w+) .*--dport (\d+)/.exec(line)
    if (rule !== null) add(rule[1] ?? '', rule[3] ?? '', rule[2] ?? '')
    // Of maps only: what stands in a set is no address of a Service, but an endpoint's.
    for (const [, ip = '', proto = '', port = ''] of line.matchAll(
      /([0-9a-f.:]+) \. (tcp|udp|sctp) \. (\d+) (?:comment "[^"]*" )?:/g,
    ))
      add(ip, port, proto)
  }
  return [...found.values()]
}

/** What a text is that cannot be read as rules, where one can tell. */
export function kindOfText(text: string): 'binary' | 'listForm' | 'jsonForm' | 'notRules' | undefined {
  const start = text.slice(0, 2_000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: just these tell a file that is no text
  if (/[\u0000-\u0008\u000e-\u001a\ufffd]/.test(start)) return 'binary'
  if (/^\s*Chain \S+ \((?:policy|\d+ references)/m.test(start) || /^\s*-[PN] \S+/.test(start)) return 'listForm'
  if (/^\s*\{\s*"nftables"/.test(start)) return 'jsonForm'
  return /^\s*\*\w+\s*$|^\s*table \S+ \S+ \{|^(?:create|add|Name:) /m.test(text) ? undefined : 'notRules'
}

/** Characters beyond which a text is shown in part: a field with megabytes in it answers no key in time. */
const LONG = 600_000
/** Lines of a long text that are shown at once. */
const SHOWN = 400

export interface Excerpt {
  readonly text: string
  /** Numbers of its first and last line in the whole, from 1. */
  readonly from: number
  readonly to: number
  readonly count: number
}

/** The part of a long text around a line; undefined for a text that is shown whole. */
export function excerptOf(text: string, around: number): Excerpt | undefined {
  if (text.length <= LONG) return undefined
  const lines = text.split('\n')
  const from = Math.max(0, Math.min(around - 1 - SHOWN / 2, lines.length - SHOWN))
  const part = lines.slice(from, from + SHOWN)
  return { text: part.join('\n').slice(0, LONG), from: from + 1, to: from + part.length, count: lines.length }
}

/** Whether a text looks like rules rather than like manifests. */
export function looksLikeRules(text: string): boolean {
  return /^(\s*#[^\n]*\n)*\s*(\*(raw|mangle|nat|filter|security)\s|create \S+ (?:hash|bitmap|list):\S|table (ip|ip6|inet|bridge|arp|netdev) \S+ \{)/.test(
    text,
  )
}
