import type { NftRuleset, Result, Ruleset, TraceOutcome } from '../sim/index.js'
import { fail, familiesIn, getRuleset, ok, parseIptablesSave, parseNftRuleset, traceRequest } from '../sim/index.js'
import type { ChainDiff, DumpDiff, DumpFault, DumpNotes, DumpPacket, DumpWalk } from './answers.js'
import { compareChain } from './compareRules.js'
import { notesOfNft, notesOfSave } from './dumpNotes.js'
import type { Session } from './session.js'
import type { SessionWorld } from './world.js'

/** Outcomes of one walk that are told. */
const OUTCOMES = 60
/** Hops of one outcome, and lines of one chain's difference, that are told. */
const LINES = 400

/** Characters of a fault that are told. */
const MESSAGE = 300

type RuleChain = NonNullable<ReturnType<NonNullable<ReturnType<Ruleset['tables']['get']>>['chains']['get']>>

type Chains = ReadonlyMap<string, readonly string[]>

/** A dump as it was read. */
interface Read {
  readonly format: DumpDiff['format']
  /** Of iptables by family, those that it speaks of; of nftables all under 4. */
  readonly chains: ReadonlyMap<4 | 6, Chains>
  readonly notes: DumpNotes
}

/** The last text that was read: comparing and walking ask for the same one, which may be long. Can be rebuilt. */
let last: { readonly text: string; readonly read: Result<Read, DumpFault> } | undefined

/** Chains (of nftables also sets and maps) of a dump by `table chain`, each with its lines in normal form. */
function readDump(text: string): Result<Read, DumpFault> {
  if (last?.text !== text) last = { text, read: isNftDump(text) ? readNft(text) : readSave(text) }
  return last.read
}

function readSave(text: string): Result<Read, DumpFault> {
  const rulesets = new Map<4 | 6, Ruleset>()
  for (const { family, text: part } of familiesIn(text)) {
    const parsed = parseIptablesSave(part)
    if (!parsed.ok) return fail(bounded(parsed.error))
    rulesets.set(family, parsed.value)
  }
  const chains = new Map([...rulesets].map(([family, ruleset]) => [family, chainsOf(ruleset)]))
  return ok({ format: 'iptables', chains, notes: notesOfSave(text, [...rulesets.values()]) })
}

function readNft(text: string): Result<Read, DumpFault> {
  const parsed = parseNftRuleset(text)
  if (!parsed.ok) return fail(bounded(parsed.error))
  return ok({ format: 'nftables', chains: new Map([[4, nftChainsOf(parsed.value)]]), notes: notesOfNft(text, parsed.value) })
}

/** A fault's words may hold a line of a dump, which may be of any length. */
function bounded({ line, message }: DumpFault): DumpFault {
  return { line, message: message.length > MESSAGE ? `${message.slice(0, MESSAGE)}…` : message }
}

/** A chain as lines: its policy where it is a base chain, then its rules in normal form. */
export function linesOfChain({ policy, rules }: RuleChain): readonly string[] {
  return [...(policy === undefined ? [] : [`policy ${policy}`]), ...rules.map((rule) => rule.text)]
}

function chainsOf(ruleset: Ruleset): Chains {
  const chains = new Map<string, readonly string[]>()
  for (const table of ruleset.tables.values()) {
    for (const chain of table.chains.values()) {
      chains.set(`${table.name} ${chain.name}`, linesOfChain(chain))
    }
  }
  for (const set of ruleset.sets?.values() ?? [])
    chains.set(`ipset ${set.name}`, [set.text, ...set.elements.map(({ text }) => `add ${set.name} ${text}`)])
  return chains
}

/** Of nftables sets and maps count as chains: their elements are its lines. */
export function nftChainsOf({ tables }: NftRuleset): Chains {
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
  const dump = readDump(text)
  if (!dump.ok) return dump
  const { format, chains, notes } = dump.value
  const sides = [...chains].map(([family, theirs]) => ({ family, theirs, own: ownChains(world, node, family) }))
  const comparable = sides.every(({ own }) => own.format === format)
  const all = comparable
    ? sides.flatMap(({ family, theirs, own }) => compareChains(own.chains, theirs, family === 6 && sides.length > 1))
    : []
  const changed = all.filter((chain) => chain.change !== 'same')
  return ok({
    format,
    comparable,
    chains: changed.slice(0, LINES),
    same: all.length - changed.length,
    more: Math.max(0, changed.length - LINES),
    rules: sides.reduce((sum, { theirs }) => sum + [...theirs.values()].reduce((rules, lines) => rules + lines.length, 0), 0),
    missing: changed.reduce((sum, each) => sum + each.missing, 0),
    extra: changed.reduce((sum, each) => sum + each.extra, 0),
    changed: changed.reduce((sum, each) => sum + each.changed + each.moved, 0),
    notes,
  })
}

/** @param isIpv6 says so of each chain: the same name stands in the other family, too. */
function compareChains(own: Chains, theirs: Chains, isIpv6: boolean): readonly ChainDiff[] {
  const names = [...new Set([...own.keys(), ...theirs.keys()])].sort()
  const all = names.map((name) => compareChain(name, own.get(name), theirs.get(name)))
  return isIpv6 ? all.map((chain) => ({ ...chain, isIpv6 })) : all
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

/**
 * Walks one packet through a Node whose kernel holds the rules of a dump in place of its own: every outcome, hop by hop.
 * Only a copy is asked; the simulated cluster stays as it is.
 *
 * @returns the first line that cannot be read, or in English why the packet cannot be sent.
 */
export function walkDump(session: Session, node: string, text: string, packet: DumpPacket): Result<DumpWalk, DumpFault> {
  const dump = readDump(text)
  if (!dump.ok) return dump
  const spec = { kind: 'packet', at: node, ...packet } as const
  const traced = traceRequest(session.history.world, spec, { all: true, rules: new Map([[node, text]]) })
  if (!traced.ok) return fail(bounded({ line: 0, message: traced.error.message }))
  const { outcomes } = traced.value
  return ok({ outcomes: outcomes.slice(0, OUTCOMES).map(toWalked), more: Math.max(0, outcomes.length - OUTCOMES) })
}

function toWalked({ probability, verdict, to, sourceSeen, masqueraded, with: how, unheard, hops, reply }: TraceOutcome) {
  return {
    probability,
    verdict,
    to,
    sourceSeen,
    masqueraded,
    ...(how === undefined ? {} : { with: how }),
    ...(unheard === undefined ? {} : { unheard }),
    hops: hops.slice(0, LINES),
    reply: reply.slice(0, LINES),
  }
}
