import type { NftRuleset, Result, Ruleset, TraceOutcome } from '../sim/index.js'
import { fail, getRuleset, isIpv6Dump, ok, parseIptablesSave, parseNftRuleset, traceRequest } from '../sim/index.js'
import type { ChainDiff, DumpDiff, DumpFault, DumpPacket, DumpWalk } from './answers.js'
import { diffLines } from './diffLines.js'
import type { Session } from './session.js'
import type { SessionWorld } from './world.js'

/** Outcomes of one walk that are told. */
const OUTCOMES = 60
/** Hops of one outcome, and lines of one chain's difference, that are told. */
const LINES = 400

type Chains = ReadonlyMap<string, readonly string[]>

/** Chains (of nftables also sets and maps) of a dump by `table chain`, each with its lines in normal form. */
function chainsOfDump(text: string): Result<{ readonly format: DumpDiff['format']; readonly chains: Chains }, DumpFault> {
  if (!isNftDump(text)) {
    const parsed = parseIptablesSave(text)
    return parsed.ok ? ok({ format: 'iptables', chains: chainsOf(parsed.value) }) : fail(parsed.error)
  }
  const parsed = parseNftRuleset(text)
  if (!parsed.ok) return fail(parsed.error)
  return ok({ format: 'nftables', chains: nftChainsOf(parsed.value) })
}

function chainsOf(ruleset: Ruleset): Chains {
  const chains = new Map<string, readonly string[]>()
  for (const table of ruleset.tables.values()) {
    for (const chain of table.chains.values()) {
      const policy = chain.policy === undefined ? [] : [`policy ${chain.policy}`]
      chains.set(`${table.name} ${chain.name}`, [...policy, ...chain.rules.map((rule) => rule.text)])
    }
  }
  for (const set of ruleset.sets?.values() ?? [])
    chains.set(`ipset ${set.name}`, [set.text, ...set.elements.map(({ text }) => `add ${set.name} ${text}`)])
  return chains
}

/** Of nftables sets and maps count as chains: their elements are its lines. */
function nftChainsOf({ tables }: NftRuleset): Chains {
  const chains = new Map<string, readonly string[]>()
  for (const { family, name, sets, chains: all } of tables) {
    const table = `${family} ${name}`
    for (const set of sets.values()) {
      const exact = [...set.elements.exact].map(([key, data]) => (data === '' ? key : `${key} : ${data}`))
      const prefixes = set.elements.prefixes.map(({ prefix, data }) => (data === '' ? prefix.text : `${prefix.text} : ${data}`))
      chains.set(`${table} ${set.name}`, [...exact, ...prefixes].sort())
    }
    for (const chain of all.values()) {
      chains.set(
        `${table} ${chain.name}`,
        chain.rules.map((rule) => rule.text),
      )
    }
  }
  return chains
}

/** Text of `nft list ruleset` rather than of `iptables-save`. */
function isNftDump(text: string): boolean {
  return /^\s*(#[^\n]*\n\s*)*table /.test(text)
}

/**
 * Compares the rules of a real Node with those that the simulated Node holds now, chain by chain. Nothing is changed.
 *
 * @returns the first line that cannot be read, in place of a comparison.
 */
export function diffDump({ history: { world } }: Session, node: string, text: string): Result<DumpDiff, DumpFault> {
  const dump = chainsOfDump(text)
  if (!dump.ok) return dump
  const { format, chains } = dump.value
  const own = ownChains(world, node, isIpv6Dump(text) ? 6 : 4)
  const comparable = own.format === format
  const names = comparable ? [...new Set([...own.chains.keys(), ...chains.keys()])].sort() : []
  const all = names.map((name) => compareChain(name, own.chains.get(name), chains.get(name)))
  const changed = all.filter((chain) => chain.change !== 'same')
  return ok({
    format,
    comparable,
    chains: changed.slice(0, LINES),
    same: all.length - changed.length,
    more: Math.max(0, changed.length - LINES),
    rules: [...chains.values()].reduce((sum, lines) => sum + lines.length, 0),
  })
}

function ownChains(
  world: SessionWorld,
  node: string,
  family: 4 | 6,
): { readonly format: DumpDiff['format']; readonly chains: Chains } {
  const { net, proxy } = world.parts
  const held = net.nftables.get(node)
  if (held === undefined || !proxy.nftables.has(node))
    return { format: 'iptables', chains: chainsOf(getRuleset(net, node, family)) }
  return { format: 'nftables', chains: nftChainsOf(held) }
}

function compareChain(name: string, own: readonly string[] | undefined, dumped: readonly string[] | undefined): ChainDiff {
  const lines = diffLines(own ?? [], dumped ?? [])
  const isSame = own !== undefined && dumped !== undefined && lines.every((line) => line.side === 'both')
  const change = isSame ? 'same' : own === undefined ? 'added' : dumped === undefined ? 'removed' : 'changed'
  return { name, change, lines: isSame ? [] : lines.slice(0, LINES), more: isSame ? 0 : Math.max(0, lines.length - LINES) }
}

/**
 * Walks one packet through a Node whose kernel holds the rules of a dump in place of its own: every outcome, hop by hop.
 * Only a copy is asked; the simulated cluster stays as it is.
 *
 * @returns the first line that cannot be read, or in English why the packet cannot be sent.
 */
export function walkDump(session: Session, node: string, text: string, packet: DumpPacket): Result<DumpWalk, DumpFault> {
  const dump = chainsOfDump(text)
  if (!dump.ok) return dump
  const spec = { kind: 'packet', at: node, ...packet } as const
  const traced = traceRequest(session.history.world, spec, { all: true, rules: new Map([[node, text]]) })
  if (!traced.ok) return fail({ line: 0, message: traced.error.message })
  const { outcomes } = traced.value
  return ok({ outcomes: outcomes.slice(0, OUTCOMES).map(toWalked), more: Math.max(0, outcomes.length - OUTCOMES) })
}

function toWalked({ probability, verdict, to, sourceSeen, masqueraded, with: how, hops, reply }: TraceOutcome) {
  return {
    probability,
    verdict,
    to,
    sourceSeen,
    masqueraded,
    ...(how === undefined ? {} : { with: how }),
    hops: hops.slice(0, LINES),
    reply: reply.slice(0, LINES),
  }
}
