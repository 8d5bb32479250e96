import type { PolicyChoice, RuleOrigin, ServiceRule, StoredOf } from '../sim/index.js'
import { getStoredOf, listStoredOf, portChoiceOn, ruleOrigin, rulesOfService } from '../sim/index.js'
import type { AskedRule, EndpointSource, NodeRules, RuleSource, Staleness, ToldChoice } from './answers.js'
import { behindOf } from './behind.js'
import type { SceneBehind } from './scene.js'
import type { Session } from './session.js'
import type { SessionWorld } from './world.js'

const SERVICE_LABEL = 'kubernetes.io/service-name'

/** Whose sake a rule on a Node stands for, down to the objects and the sync that wrote it; at the present position. */
export function sourceOfRule(session: Session, node: string, rule: AskedRule): RuleSource {
  const { world } = session.history
  const origin = ruleOrigin({ world }, node, rule)
  if (origin === undefined) return { kind: isOwnOfProxy(rule) ? 'fixed' : 'other' }
  const endpoints = origin.endpoint === undefined ? endpointsIn(rule.text) : [origin.endpoint]
  const behind = behindFor(world, node, origin.service)
  const stored = getStoredOf(world.parts.etcd, 'services', origin.service)
  return {
    kind: 'service',
    service: origin.service,
    portName: origin.portName,
    protocol: origin.protocol,
    port: origin.port,
    endpoints: endpoints.map((endpoint) => endpointSource(world, node, origin.service, endpoint)),
    ...(behind === undefined ? {} : { behind }),
    ...(origin.writtenBy === undefined ? {} : { writtenBy: origin.writtenBy }),
    serviceExists: stored !== undefined,
    clusterIPs: stored?.spec?.clusterIPs ?? [],
    ...choicesOf(world, node, origin, `${rule.text} ${rule.packet?.dst ?? ''} ${endpoints.join(' ')}`),
  }
}

/** Endpoints of one port that are told as left out. */
const LEFT_OUT = 12

/** What the Node's kube-proxy leaves out of a rule's port, for traffic under either policy. @param words tell the family. */
function choicesOf(world: SessionWorld, node: string, origin: RuleOrigin, words: string) {
  const { service, portName, protocol } = origin
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') return {}
  const family = /[0-9a-f]*:[0-9a-f]*:/.test(words) ? 'IPv6' : 'IPv4'
  const { cluster, local } = portChoiceOn({ world }, node, service, { name: portName, protocol, family })
  return {
    ...(cluster === undefined ? {} : { cluster: toldChoice(world, cluster) }),
    ...(local === undefined ? {} : { local: toldChoice(world, local) }),
  }
}

function toldChoice(world: SessionWorld, { used, leftOut, isFallback }: PolicyChoice): ToldChoice {
  return {
    used: used.length,
    leftOut: leftOut.slice(0, LEFT_OUT).map(({ endpoint, node, why }) => {
      const pod = podAt(world, addressOf(endpoint))
      return { endpoint, why, ...(pod === undefined ? {} : { pod }), ...(node === undefined ? {} : { node }) }
    }),
    more: Math.max(0, leftOut.length - LEFT_OUT),
    isFallback,
  }
}

/** Endpoints among which a rule of nftables chooses: `numgen random mod 2 map { 0 : 10.244.1.2 . 8080, ... }`, or the one it names. */
function endpointsIn(text: string): readonly string[] {
  const target = / dnat (?:ip6? )?to (.*)$/.exec(` ${text}`)?.[1]
  if (target === undefined) return []
  const chosen = [...target.matchAll(/ : (\S+) \. (\d+)/g)].map(([, ip = '', port = '']) => join(ip, port))
  return chosen.length > 0 || target.startsWith('numgen') ? chosen : [target]
}

function join(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** The Pod and the EndpointSlice of an endpoint as the API server has them now, which a slow kube-proxy may not know yet. */
function endpointSource(world: SessionWorld, node: string, service: string, endpoint: string): EndpointSource {
  const ip = addressOf(endpoint)
  const pod = podAt(world, ip)
  const slice = slicesOf(world, service).find(({ endpoints }) => (endpoints ?? []).some((each) => each.addresses.includes(ip)))
  return {
    endpoint,
    ...(pod === undefined ? {} : { pod }),
    ...(slice === undefined ? {} : { slice: `${slice.metadata.namespace ?? ''}/${slice.metadata.name}` }),
    ...(slice !== undefined && (pod !== undefined || isElsewhere(slice, ip)) ? {} : staleness(world, node, service, slice)),
  }
}

/** An endpoint that is no Pod of the cluster, such as a Node or a machine outside: nobody knows better whether it is there. */
function isElsewhere(slice: StoredOf<'endpointslices'>, ip: string): boolean {
  return (slice.endpoints ?? []).some((each) => each.addresses.includes(ip) && each.targetRef?.kind !== 'Pod')
}

function staleness(
  world: SessionWorld,
  node: string,
  service: string,
  slice: StoredOf<'endpointslices'> | undefined,
): { readonly stale: Staleness } {
  if (slice !== undefined) return { stale: { kind: 'still-listed' } }
  if (world.parts.proxy.processes.get(node)?.running !== true) return { stale: { kind: 'stopped' } }
  const behind = behindFor(world, node, service)
  const change = behind?.changes.find((each) => each.slice !== undefined) ?? behind?.changes[0]
  if (behind === undefined || change === undefined) return { stale: { kind: 'unheard' } }
  return { stale: { kind: 'pending', change, ...(behind.due === undefined ? {} : { due: behind.due }) } }
}

/** What a Node's kube-proxy knows of one Service and has not written; what concerns all Services concerns it, too. */
function behindFor(world: SessionWorld, node: string, service: string): SceneBehind | undefined {
  const behind = behindOf(world.parts.proxy.processes.get(node))
  const changes = behind?.changes.filter((change) => change.service === service || change.service === '') ?? []
  return behind === undefined || changes.length === 0 ? undefined : { ...behind, changes, more: 0 }
}

/** Rules that kube-proxy writes whatever Services there are: its own chains, and the jumps into them. */
function isOwnOfProxy({ chain, text }: AskedRule): boolean {
  return /^KUBE-/.test(chain) || / -[jg] KUBE-/.test(text) || !text.startsWith('-A ')
}

/** `10.244.1.2:80` and `[fd00::2]:80` without the port. */
function addressOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '')
}

function podAt(world: SessionWorld, ip: string): string | undefined {
  const owner = world.parts.net.owners.get(ip)
  return owner?.startsWith('pod/') === true ? owner.slice('pod/'.length) : undefined
}

function slicesOf(world: SessionWorld, service: string) {
  const [namespace = '', name = ''] = service.split('/')
  return listStoredOf(world.parts.etcd, 'endpointslices', namespace).filter(
    (slice) => slice.metadata.labels?.[SERVICE_LABEL] === name,
  )
}

/** Most rules of one Service that are told of one Node: a Service of thousands of endpoints is searched on the Node itself. */
const TOLD = 400

/** Rules of the Services that an object takes part in, on every Node: of a Service its own, of others those that send to it. */
export function rulesOfObject(
  session: Session,
  object: { readonly kind: string; readonly namespace: string; readonly name: string },
): readonly NodeRules[] {
  const { world } = session.history
  const nodes = listStoredOf(world.parts.etcd, 'nodes').map((node) => node.metadata.name)
  return servicesOf(world, object).flatMap((service) =>
    nodes.map((node) => {
      const rules: readonly ServiceRule[] = rulesOfService({ world }, node, service)
      const writtenBy = world.parts.proxy.processes.get(node)?.writtenBy.get(service)
      return {
        service,
        node,
        count: rules.length,
        rules: rules.slice(0, TOLD).map(({ family, table, chain, rule, text }) => ({ family, table, chain, rule, text })),
        ...(writtenBy === undefined ? {} : { writtenBy }),
      }
    }),
  )
}

/** The Services (`namespace/name`) that an object is, feeds or is selected by. */
function servicesOf(
  world: SessionWorld,
  { kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string },
): readonly string[] {
  const { etcd } = world.parts
  const key = `${namespace}/${name}`
  switch (kind) {
    case 'Service':
      return getStoredOf(etcd, 'services', key) === undefined ? [] : [key]
    case 'EndpointSlice': {
      const service = getStoredOf(etcd, 'endpointslices', key)?.metadata.labels?.[SERVICE_LABEL]
      return service === undefined ? [] : [`${namespace}/${service}`]
    }
    case 'Endpoints':
      return [key]
    case 'Pod':
      return selecting(world, namespace, getStoredOf(etcd, 'pods', key)?.metadata.labels)
    case 'Deployment':
      return selecting(world, namespace, getStoredOf(etcd, 'deployments', key)?.spec?.template.metadata?.labels)
    case 'ReplicaSet':
      return selecting(world, namespace, getStoredOf(etcd, 'replicasets', key)?.spec?.template?.metadata?.labels)
    case 'StatefulSet':
      return selecting(world, namespace, getStoredOf(etcd, 'statefulsets', key)?.spec?.template.metadata?.labels)
    case 'DaemonSet':
      return selecting(world, namespace, getStoredOf(etcd, 'daemonsets', key)?.spec?.template.metadata?.labels)
    default:
      return []
  }
}

function selecting(
  world: SessionWorld,
  namespace: string,
  labels: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  return listStoredOf(world.parts.etcd, 'services', namespace)
    .filter(({ spec }) => {
      const wanted = Object.entries(spec?.selector ?? {})
      return wanted.length > 0 && wanted.every(([label, value]) => labels?.[label] === value)
    })
    .map(({ metadata }) => `${namespace}/${metadata.name}`)
}
