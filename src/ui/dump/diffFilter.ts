import type { ChainDiff } from '../../protocol/index.js'

export type DiffKind = 'all' | 'missing' | 'extra' | 'changed'

interface Shown {
  readonly chain: ChainDiff
  readonly lines: ChainDiff['lines']
}

/** Chains of others that only look like kube-proxy's: the kubelet's own. */
const KUBELETS: ReadonlySet<string> = new Set(['KUBE-KUBELET-CANARY', 'KUBE-IPTABLES-HINT'])

/** Whether kube-proxy writes a chain (or, of nftables, a set or map): a real Node has those of its network plugin and container runtime, too. */
export function isProxys({ name }: Pick<ChainDiff, 'name'>): boolean {
  const chain = name.slice(name.lastIndexOf(' ') + 1)
  return / kube-proxy /.test(name) || (chain.startsWith('KUBE-') && !KUBELETS.has(chain))
}

/** The chains and lines of a comparison that are asked for: of one kind of difference, and with a text in the line or the chain's name. */
export function shownOf(chains: readonly ChainDiff[], kind: DiffKind, sought: string): readonly Shown[] {
  const words = sought.trim().toLowerCase()
  return chains.flatMap((chain): readonly Shown[] => {
    const ofKind = chain.lines.filter((line) => kind === 'all' || kindOfLine(line) === kind)
    const isNamed = chain.name.toLowerCase().includes(words)
    const found = isNamed ? ofKind : withPartners(ofKind, words)
    // A chain without rules differs by being there.
    return found.length > 0 || (isNamed && kind === 'all' && chain.lines.length === 0) ? [{ chain, lines: found }] : []
  })
}

function kindOfLine({ side, pair }: ChainDiff['lines'][number]): DiffKind {
  if (pair !== undefined) return 'changed'
  return side === 'first' ? 'missing' : 'extra'
}

/** Both forms of a changed rule are shown where one of them has the text. */
function withPartners(lines: ChainDiff['lines'], words: string): ChainDiff['lines'] {
  const has = (line: ChainDiff['lines'][number]): boolean => line.text.toLowerCase().includes(words)
  const pairs = new Set(lines.flatMap((line) => (line.pair !== undefined && has(line) ? [line.pair] : [])))
  return lines.filter((line) => (line.pair === undefined ? has(line) : pairs.has(line.pair)))
}
