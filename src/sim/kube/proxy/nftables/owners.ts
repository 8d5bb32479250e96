import type { IpFamily } from '../address.js'
import { joinHostPort } from '../address.js'
import type { RuleOwner } from '../ruleOwners.js'
import { protocolOf } from '../services.js'
import type { NftSet, NftTable } from './types.js'

/** A packet as far as maps of Services are asked for it. */
export interface LookedUp {
  readonly proto: string
  readonly dst: string
  readonly dport: number
}

const SERVICE_CHAIN =
  /^(?:service|local|external|firewall|endpoint|affinity)-[A-Z2-7]{8}-([^/]+\/[^/]+)\/([a-z]+)\/(.*?)(?:__(.+)\/(\d+))?$/

/** The table's name as rules and steps give it. */
export function nftTableName(family: IpFamily): string {
  return `${family === 'IPv6' ? 'ip6' : 'ip'} kube-proxy`
}

/** The owner of a chain or affinity set, read off its name. Ports of Services are told by the maps that lead there. */
export function ownerOfNftChain(table: NftTable, name: string): RuleOwner | undefined {
  const parts = SERVICE_CHAIN.exec(name)
  if (parts === null) return undefined
  const [, service = '', proto = '', portName = '', ip, port] = parts
  const protocol = protocolOf(proto.toUpperCase())
  const base = name.slice(name.indexOf('-') + 1).replace(/__.*$/, '')
  const path = `${service}/${proto}/${portName}`
  const owner: RuleOwner = { service, portName, protocol, port: portOf(table, path, base) }
  if (ip === undefined || port === undefined) return owner
  return { ...owner, endpoint: joinHostPort(table.family === 'IPv6' ? ip.replaceAll('.', ':') : ip, Number(port)) }
}

function portOf(table: NftTable, path: string, base: string): number {
  const set = table.sets.find((each) => each.name === 'service-ips')
  for (const [key, rest] of set?.elements ?? []) {
    if (rest.endsWith(base) || rest.endsWith(`-${path}`)) return Number(key.split(' . ')[2] ?? 0)
  }
  return 0
}

/**
 * The owner of a rule in nftables: by its chain, or, where a map of all Services is asked, by the element that the packet met.
 *
 * @param rule `action` and `packet` as the step of the rule has them.
 */
export function ownerOfNftRule(
  table: NftTable,
  rule: { readonly chain: string; readonly text: string; readonly action?: string; readonly packet?: LookedUp },
): RuleOwner | undefined {
  const own = ownerOfNftChain(table, rule.chain)
  if (own !== undefined) {
    const target =
      /goto (endpoint-\S+)/.exec(rule.action ?? '')?.[1] ?? /^\S+ saddr @\S+ goto (endpoint-\S+)$/.exec(rule.text)?.[1]
    return target === undefined ? own : (ownerOfNftChain(table, target) ?? own)
  }
  const target = /^(?:goto|jump) (\S+)$/.exec(rule.action ?? '')?.[1]
  const called = target === undefined ? undefined : ownerOfNftChain(table, target)
  const map = /vmap @(\S+)$/.exec(rule.text)?.[1]
  if (called !== undefined || map === undefined || rule.packet === undefined) return called
  const { proto, dst, dport } = rule.packet
  const key = map.endsWith('nodeports') ? `${proto} . ${dport}` : `${dst} . ${proto} . ${dport}`
  const element = table.sets.find((each) => each.name === map)?.elements.get(key)
  return element === undefined ? undefined : ownerOfElement(table, key, element)
}

function ownerOfElement(table: NftTable, key: string, rest: string): RuleOwner | undefined {
  const chain = /(?:goto|jump) (\S+)$/.exec(rest)?.[1]
  const owner = chain === undefined ? undefined : ownerOfNftChain(table, chain)
  if (owner !== undefined) return owner
  const about = /comment "([^/"]+\/[^:"]+)(?::([^"]+))?"/.exec(rest)
  if (about === null) return undefined
  const parts = key.split(' . ')
  const isAddress = parts.length === 3
  return {
    service: about[1] ?? '',
    portName: about[2] ?? '',
    protocol: protocolOf(parts[isAddress ? 1 : 0]?.toUpperCase()),
    port: isAddress ? Number(parts[2]) : 0,
  }
}

/** What stands in a table for a Service's sake: rules of its chains, and elements of the sets and maps that all share. */
export interface NftServiceLine {
  /** Chain, set or map. */
  readonly chain: string
  /** Counts from 1 within a chain; 0 for an element. */
  readonly rule: number
  readonly text: string
}

/** @param clusterIPs of the Service, which the set of active ones lists without a name. */
export function linesOwnedBy(table: NftTable, service: string, clusterIPs: readonly string[]): readonly NftServiceLine[] {
  const chains = table.chains.filter((chain) => SERVICE_CHAIN.exec(chain.name)?.[1] === service)
  const rules = chains.flatMap((chain) => chain.rules.map((text, index) => ({ chain: chain.name, rule: index + 1, text })))
  const endpoints = new Set(chains.flatMap((chain) => chain.rules.flatMap(endpointsIn)))
  const isOwn = (set: NftSet, key: string, rest: string): boolean => {
    if (set.name === 'cluster-ips') return clusterIPs.includes(key)
    if (set.name === 'hairpin-connections') {
      const [ip, , , port] = key.split(' . ')
      return endpoints.has(`${ip} . ${port}`)
    }
    return ownerOfElement(table, key, rest)?.service === service
  }
  const elements = table.sets.flatMap((set) =>
    [...set.elements]
      .filter(([key, rest]) => isOwn(set, key, rest))
      .map(([key, rest]) => ({ chain: set.name, rule: 0, text: `${key}${rest}` })),
  )
  return [...elements, ...rules]
}

/** Endpoints that a rule rewrites to, as `ip . port`. */
function endpointsIn(text: string): readonly string[] {
  const single = /dnat to \[?([^\]\s]+?)\]?:(\d+)$/.exec(text)
  if (single !== null) return [`${single[1]} . ${single[2]}`]
  return [...text.matchAll(/\d+ : (\S+ \. \d+)/g)].map((each) => each[1] ?? '')
}
