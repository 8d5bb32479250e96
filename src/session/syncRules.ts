import type { NftRuleset, Ruleset, StepId } from '../sim/index.js'
import { getRuleset } from '../sim/index.js'
import type { ChainDiff, SyncRules } from './answers.js'
import { compareChain } from './compareRules.js'
import { nftChainsOf } from './dump.js'
import { seekOrdinal } from './history.js'
import type { Session } from './session.js'
import type { SessionWorld } from './world.js'

/** Chains of one sync that are told. */
const CHAINS = 200

/** What a Node's kernel held at a moment; the parts are immutable, so that keeping them costs nothing. */
interface Held {
  readonly rulesets: readonly Ruleset[]
  readonly nftables: NftRuleset | undefined
}

/**
 * The rules that a sync of a kube-proxy added and removed, chain by chain: what the Node's kernel held right before and right after it.
 * The session goes there and comes back; where it stands does not change.
 *
 * @returns undefined for a step that is no sync, or forgotten.
 */
export function rulesOfSync({ history }: Session, id: StepId): SyncRules | undefined {
  const step = history.steps.find((each) => each.id === id)
  if (step?.kind !== 'proxy-sync') return undefined
  const { node } = step.facts
  const standing = history.world.ordinal
  seekOrdinal(history, step.event - 1)
  const before = heldBy(history.world, node)
  seekOrdinal(history, step.event)
  const after = heldBy(history.world, node)
  seekOrdinal(history, standing)
  const all = [...compareRulesets(before, after), ...compareNft(before.nftables, after.nftables)]
  // What is gone comes last: of a proxy that now works another way that is everything it had written before.
  const chains = [...all.filter(({ change }) => change !== 'removed'), ...all.filter(({ change }) => change === 'removed')]
  const sum = (count: (chain: ChainDiff) => number): number => chains.reduce((total, chain) => total + count(chain), 0)
  return {
    node,
    added: sum(({ extra, changed }) => extra + changed),
    removed: sum(({ missing, changed }) => missing + changed),
    chains: chains.slice(0, CHAINS),
    more: Math.max(0, chains.length - CHAINS),
  }
}

function heldBy({ parts: { net } }: SessionWorld, node: string): Held {
  return { rulesets: [getRuleset(net, node, 4), getRuleset(net, node, 6)], nftables: net.nftables.get(node) }
}

/** Chains that are the same object have not changed: only the others are looked at. */
function compareRulesets(before: Held, after: Held): readonly ChainDiff[] {
  return after.rulesets.flatMap((now, index) => {
    const old = before.rulesets[index]
    const tables = [...new Set([...(old?.tables.keys() ?? []), ...now.tables.keys()])]
    return tables.flatMap((name) => {
      const [was, is] = [old?.tables.get(name)?.chains, now.tables.get(name)?.chains]
      const chains = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].filter(
        (chain) => was?.get(chain) !== is?.get(chain),
      )
      return chains.flatMap((chain) => {
        const [first, second] = [was?.get(chain), is?.get(chain)]
        const diff = compareChain(`${name} ${chain}`, first && linesOfRules(first), second && linesOfRules(second))
        // The kernel's own chains come and go with their table.
        const isEmptyBase = (first ?? second)?.policy !== undefined && diff.lines.length === 0
        return diff.change === 'same' || isEmptyBase ? [] : [index === 0 ? diff : { ...diff, isIpv6: true }]
      })
    })
  })
}

function linesOfRules({ rules }: { readonly rules: readonly { readonly text: string }[] }): readonly string[] {
  return rules.map((rule) => rule.text)
}

function compareNft(before: NftRuleset | undefined, after: NftRuleset | undefined): readonly ChainDiff[] {
  if (before === after) return []
  const was = before === undefined ? new Map<string, readonly string[]>() : nftChainsOf(before)
  const is = after === undefined ? new Map<string, readonly string[]>() : nftChainsOf(after)
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => compareChain(name, was.get(name), is.get(name)))
    .filter(({ change }) => change !== 'same')
}
