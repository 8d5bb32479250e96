import type { Rule, Ruleset } from '../../net/rules/types.js'
import { isServiceChain } from './iptables/chainNames.js'
import type { Protocol } from './services.js'
import { protocolOf } from './services.js'

/** For whose sake a chain or a rule stands in a kernel. */
export interface RuleOwner {
  /** `namespace/name` of the Service. */
  readonly service: string
  readonly portName: string
  readonly protocol: Protocol
  /** 0 where no rule tells it: a Service whose address is refused on another line. */
  readonly port: number
  /** `ip:port`, where it is about one endpoint. */
  readonly endpoint?: string
}

interface Owners {
  readonly chains: ReadonlyMap<string, RuleOwner>
  /** By `namespace/name:portName/protocol`. */
  readonly ports: ReadonlyMap<string, RuleOwner>
  /** Rules in chains that all Services share, by `namespace/name`. */
  readonly shared: ReadonlyMap<string, readonly Rule[]>
}

/** Read off the rules alone, so that copies of a world, and dumps of real Nodes, have owners too. Can be rebuilt. */
const cache = new WeakMap<Ruleset['tables'], Owners>()

const ABOUT_SERVICE = /^([^/\s]+\/[^:\s]+)(?::(\S+))?(?:\s|$)/

function ownersOf(ruleset: Ruleset): Owners {
  const known = cache.get(ruleset.tables)
  if (known !== undefined) return known
  const chains = new Map<string, RuleOwner>()
  const ports = new Map<string, RuleOwner>()
  const shared = new Map<string, Rule[]>()
  const open: string[] = []
  const own = (chain: string, owner: RuleOwner): void => {
    if (!isServiceChain(chain) || chains.has(chain)) return
    chains.set(chain, owner)
    open.push(chain)
  }
  const lines = sharedRules(ruleset)
  for (const { rule, service, portName, protocol } of lines) {
    const list = shared.get(service) ?? []
    shared.set(service, list)
    list.push(rule)
    if (rule.test.dst === undefined) continue
    ports.set(portId(service, portName, protocol), { service, portName, protocol, port: Math.max(rule.test.dport, 0) })
  }
  for (const { rule, service, portName, protocol } of lines) {
    const owner = ports.get(portId(service, portName, protocol)) ?? { service, portName, protocol, port: 0 }
    if (rule.target.kind === 'jump') own(rule.target.chain, owner)
  }
  const nat = ruleset.tables.get('nat')?.chains
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    const owner = chains.get(chain)
    if (owner === undefined) continue
    for (const { target } of nat?.get(chain)?.rules ?? []) {
      if (target.kind === 'jump') own(target.chain, owner)
      if (target.kind === 'dnat') chains.set(chain, { ...owner, endpoint: endpointOf(target.range) })
    }
  }
  const made = { chains, ports, shared }
  cache.set(ruleset.tables, made)
  return made
}

interface SharedLine {
  readonly rule: Rule
  readonly service: string
  readonly portName: string
  readonly protocol: Protocol
}

/** Rules outside the Services' own chains that say in a comment for whom they are. */
function sharedRules(ruleset: Ruleset): readonly SharedLine[] {
  const lines: SharedLine[] = []
  for (const table of ruleset.tables.values()) {
    for (const chain of table.chains.values()) {
      if (isServiceChain(chain.name)) continue
      for (const rule of chain.rules) {
        const note = rule.matches.find((match) => match.kind === 'comment')
        const about = note === undefined ? null : ABOUT_SERVICE.exec(note.text)
        if (about === null) continue
        const protocol = protocolOf(rule.test.proto?.toUpperCase())
        lines.push({ rule, service: about[1] ?? '', portName: about[2] ?? '', protocol })
      }
    }
  }
  return lines
}

function portId(service: string, portName: string, protocol: Protocol): string {
  return `${service}:${portName}/${protocol}`
}

function endpointOf(range: {
  readonly address: { readonly from: string } | undefined
  readonly ports: { readonly from: number } | undefined
}): string {
  const ip = range.address?.from ?? ''
  return `${ip.includes(':') ? `[${ip}]` : ip}:${range.ports?.from ?? 0}`
}

/** The owner of a rule by its chain and text as iptables-save prints it; undefined for rules that are nobody's. */
export function ownerOfRule(ruleset: Ruleset, rule: { readonly chain: string; readonly text: string }): RuleOwner | undefined {
  const { chains, ports } = ownersOf(ruleset)
  const target = / -[jg] (\S+)$/.exec(rule.text)?.[1] ?? ''
  // In a Service's chain the target says more (the endpoint); in shared chains it is all there is.
  const owner = chains.get(target) ?? chains.get(rule.chain)
  if (owner !== undefined) return owner
  const about = ABOUT_SERVICE.exec(/--comment "([^"]*)"/.exec(rule.text)?.[1] ?? '')
  if (about === null || about === undefined) return undefined
  const protocol = protocolOf(/ -p (\S+)/.exec(rule.text)?.[1]?.toUpperCase())
  return ports.get(portId(about[1] ?? '', about[2] ?? '', protocol))
}

/** All rules of a Service: those in shared chains, then those of its own chains. */
export function rulesOwnedBy(ruleset: Ruleset, service: string): readonly Rule[] {
  const { chains, shared } = ownersOf(ruleset)
  const nat = ruleset.tables.get('nat')?.chains
  const own = [...chains].filter(([, owner]) => owner.service === service).map(([name]) => name)
  return [...(shared.get(service) ?? []), ...own.sort().flatMap((name) => nat?.get(name)?.rules ?? [])]
}

/** The text of each Service's rules, for comparing. */
export function linesByService(ruleset: Ruleset): ReadonlyMap<string, string> {
  const { chains, shared } = ownersOf(ruleset)
  const nat = ruleset.tables.get('nat')?.chains
  const lines = new Map([...shared].map(([service, rules]) => [service, rules.map((rule) => rule.text)]))
  for (const [name, { service }] of [...chains].sort(([a], [b]) => (a < b ? -1 : 1)))
    lines.get(service)?.push(...(nat?.get(name)?.rules ?? []).map((rule) => rule.text))
  return new Map([...lines].map(([service, texts]) => [service, texts.join('\n')]))
}
