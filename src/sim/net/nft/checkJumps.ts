import { findJumpFault } from '../rules/jumps.js'
import { RuleError } from '../rules/words.js'
import { natOption } from './parseNat.js'
import { verdictOf } from './parseVerdict.js'
import type { NftChain, NftElements, NftRule, NftSet, NftVerdict } from './types.js'

export interface NftFault {
  readonly message: string
  /** Where it stands: a rule by its text, a set or chain by its name. */
  readonly rule?: string
  readonly name?: string
}

/** What a kernel refuses of a table: jumps to chains and lookups in sets that do not exist, elements that are no verdicts, loops and towers. */
export function checkNftTable(
  table: string,
  chains: ReadonlyMap<string, NftChain>,
  sets: ReadonlyMap<string, NftSet>,
): NftFault | undefined {
  const calls = new Map<string, string[]>()
  /** Verdicts of a map are read once, however many rules look into it. */
  const calledBySet = new Map<string, readonly string[]>()
  for (const chain of chains.values()) {
    const called: string[] = []
    for (const rule of chain.rules) {
      const seen = callsOfRule(rule, sets, calledBySet)
      if (!Array.isArray(seen)) return { ...seen, ...(seen.name === undefined ? { rule: rule.text } : {}) }
      for (const name of seen) {
        if (!chains.has(name)) return { message: `chain ${name} does not exist`, rule: rule.text }
        called.push(name)
      }
    }
    calls.set(chain.name, called)
  }
  const fault = findJumpFault(
    chains.keys(),
    (chain) => calls.get(chain) ?? [],
    (chain) => chains.get(chain)?.base !== undefined,
  )
  if (fault === undefined) return undefined
  const what = fault.kind === 'loop' ? 'leads back to itself' : 'jumps too deep (Too many links)'
  return { message: `chain ${fault.chain} of table ${table} ${what}`, name: fault.chain }
}

function callsOfRule(
  { statements }: NftRule,
  sets: ReadonlyMap<string, NftSet>,
  calledBySet: Map<string, readonly string[]>,
): string[] | NftFault {
  const called: string[] = []
  for (const statement of statements) {
    if (statement.kind === 'verdict') called.push(...chainsOf([statement.verdict]))
    if (statement.kind === 'numgen-vmap') called.push(...chainsOf(statement.options))
    if (statement.kind === 'update' && !sets.has(statement.set)) return { message: `set ${statement.set} does not exist` }
    const lookup =
      statement.kind === 'match'
        ? statement.among
        : statement.kind === 'vmap' || statement.kind === 'nat-map'
          ? statement.map
          : undefined
    if (lookup?.kind === 'named' && !sets.has(lookup.name)) return { message: `set ${lookup.name} does not exist` }
    if (statement.kind === 'nat-map') {
      const bad = dataOf(lookup?.kind === 'named' ? sets.get(lookup.name)?.elements : undefined).find(
        (data) => !isNatOption(data),
      )
      if (bad !== undefined) return { message: `"${bad.slice(0, 60)}" is no address` }
    }
    if (statement.kind !== 'vmap') continue
    if (statement.map.kind === 'inline') {
      const inline = chainsIn(statement.map.elements)
      if (!Array.isArray(inline)) return inline
      called.push(...inline)
      continue
    }
    const { name } = statement.map
    let known = calledBySet.get(name)
    if (known === undefined) {
      const elements = sets.get(name)?.elements
      const read = elements === undefined ? [] : chainsIn(elements)
      if (!Array.isArray(read)) return { ...read, name }
      known = read
      calledBySet.set(name, known)
    }
    for (const each of known) called.push(each)
  }
  return called
}

function chainsIn(elements: NftElements): string[] | NftFault {
  const called = new Set<string>()
  for (const data of dataOf(elements)) {
    try {
      for (const chain of chainsOf([verdictOf(data)])) called.add(chain)
    } catch (error) {
      if (error instanceof RuleError) return { message: `"${data.slice(0, 60)}" is no verdict` }
      throw error
    }
  }
  return [...called]
}

function dataOf(elements: NftElements | undefined): readonly string[] {
  if (elements === undefined) return []
  const { exact, prefixes, patterns = [] } = elements
  return [...exact.values(), ...prefixes.map((each) => each.data), ...patterns.map((each) => each.data)]
}

function isNatOption(data: string): boolean {
  try {
    natOption(data)
    return true
  } catch (error) {
    if (error instanceof RuleError) return false
    throw error
  }
}

function chainsOf(verdicts: readonly NftVerdict[]): readonly string[] {
  return verdicts.flatMap((verdict) => ('chain' in verdict ? [verdict.chain] : []))
}
