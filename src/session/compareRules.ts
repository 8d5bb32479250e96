import type { ChainDiff } from './answers.js'
import type { DiffLine } from './diffLines.js'
import { diffLines } from './diffLines.js'

/** Lines of one chain's difference that are told. */
const LINES = 400
/** Beyond this many leftovers on one side rules are not paired: each counts as missing or extra. */
const PAIRED = 300

/**
 * Chains in which kube-proxy writes one Service after the other in the order of a Go map, which is another one each time.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules ranges over svcPortMap
 */
const UNORDERED: ReadonlySet<string> = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
])

/**
 * Compares the rules of one chain in two kernels. A rule of the first that became another one in the second is told as changed, one that
 * only stands elsewhere as moved; where upstream's own order is unstable, order does not count.
 *
 * @param name `nat KUBE-SERVICES`; of nftables `ip kube-proxy services`.
 */
export function compareChain(
  name: string,
  first: readonly string[] | undefined,
  second: readonly string[] | undefined,
): ChainDiff {
  const isUnordered = UNORDERED.has(name.slice(name.lastIndexOf(' ') + 1))
  const lines = pairUp(isUnordered ? diffBags(first ?? [], second ?? []) : diffLines(first ?? [], second ?? []))
  const differing = lines.filter(({ side }) => side !== 'both')
  const isSame = first !== undefined && second !== undefined && differing.length === 0
  const change = isSame ? 'same' : first === undefined ? 'added' : second === undefined ? 'removed' : 'changed'
  const paired = differing.filter(({ pair, side }) => pair !== undefined && side === 'first')
  const moved = paired.filter(({ isMoved }) => isMoved === true).length
  return {
    name,
    change,
    lines: differing.slice(0, LINES),
    more: Math.max(0, differing.length - LINES),
    missing: differing.filter(({ pair, side }) => pair === undefined && side === 'first').length,
    extra: differing.filter(({ pair, side }) => pair === undefined && side === 'second').length,
    changed: paired.length - moved,
    moved,
    ...(isUnordered ? { isUnordered } : {}),
  }
}

/** What only one of two bags of lines has; equal lines cancel one another out, wherever they stand. */
function diffBags(first: readonly string[], second: readonly string[]): readonly DiffLine[] {
  const left = new Map<string, number>()
  for (const text of second) left.set(text, (left.get(text) ?? 0) + 1)
  const lines = first.map((text): DiffLine => {
    const count = left.get(text) ?? 0
    if (count === 0) return { side: 'first', text }
    left.set(text, count - 1)
    return { side: 'both', text }
  })
  for (const [text, count] of left) for (let each = 0; each < count; each++) lines.push({ side: 'second', text })
  return lines
}

/** Leftovers of both sides that are one rule in two forms stand together and have the same number. */
function pairUp(lines: readonly DiffLine[]): readonly DiffLine[] {
  const firsts = lines.flatMap((line, at) => (line.side === 'first' ? [at] : []))
  const seconds = new Set(lines.flatMap((line, at) => (line.side === 'second' ? [at] : [])))
  if (firsts.length === 0 || seconds.size === 0 || firsts.length > PAIRED || seconds.size > PAIRED) return lines
  const words = new Map<number, ReadonlySet<string>>()
  for (const at of [...firsts, ...seconds]) words.set(at, new Set(wordsOf(lines[at]?.text ?? '')))
  const partner = new Map<number, number>()
  for (const at of firsts) {
    let best: number | undefined
    let most = 0
    for (const other of seconds) {
      const alike = likeness(words.get(at), words.get(other))
      if (alike > most) {
        best = other
        most = alike
      }
    }
    if (best === undefined || most < ALIKE) continue
    partner.set(at, best)
    seconds.delete(best)
  }
  const taken = new Set(partner.values())
  return lines.flatMap((line, at): readonly DiffLine[] => {
    if (taken.has(at)) return []
    const other = lines[partner.get(at) ?? -1]
    if (other === undefined) return [line]
    const moved = other.text === line.text ? { isMoved: true } : {}
    return [
      { ...line, pair: at, ...moved },
      { ...other, pair: at, ...moved },
    ]
  })
}

/** Share of their words that two forms of one rule have in common at least. */
const ALIKE = 0.6

/** Words of a rule; a comment is one. */
function wordsOf(text: string): readonly string[] {
  return text.match(/"[^"]*"|\S+/g) ?? []
}

function likeness(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): number {
  if (a === undefined || b === undefined || a.size === 0 || b.size === 0) return 0
  let common = 0
  for (const word of a) if (b.has(word)) common++
  return common / Math.max(a.size, b.size)
}
