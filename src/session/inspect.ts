import { runKubectl } from '../kubectl/index.js'
import type { ObjectRef, ThingId } from '../sim/index.js'
import {
  getRuleset,
  listConnections,
  listRoutes,
  openApi,
  printIptablesSave,
  rulesText,
  snapshotWorld,
  visitWorld,
} from '../sim/index.js'
import type { Details, KernelDetails } from './answers.js'
import { connectionText, nftRuleLines, routeLine, ruleLines } from './kernelText.js'
import { notSimulatedOf } from './notSimulated.js'
import type { KubectlOutput } from './part.js'
import { impersonateIn, PERSON } from './person.js'
import type { Session } from './session.js'
import type { SessionMessages, SessionParts, SessionWorld } from './world.js'

/** Runs kubectl on a copy of the present world: whatever it does, nothing changes. */
export function readWithKubectl(
  session: Session,
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): KubectlOutput {
  const world = snapshotWorld(session.history.world)
  const ctx = visitWorld<SessionParts, SessionMessages>(world, { kind: 'person', instance: '' }, 'background', () => {})
  // Looking works also while the API server is down: it is the person who looks, not the cluster.
  world.parts.api.running = true
  world.parts.etcd.running = true
  const { exit, stdout, stderr } = runKubectl(args, {
    api: openApi(ctx, PERSON),
    impersonate: impersonateIn(ctx),
    files,
    now: world.now,
  })
  return { exit, stdout, stderr }
}

/** Kinds of things that live in a Node's kernel, and so show it. */
const KERNEL_THINGS: ReadonlySet<string> = new Set([
  'node',
  'iptables',
  'conntrack',
  'routing',
  'eth0',
  'bridge',
  'hook',
  'local',
  'kube-proxy',
])

/** The API object that a thing in the picture is, if it is one. */
export function objectOf(thing: ThingId): ObjectRef | undefined {
  const [kind = '', first = '', second = '', third = ''] = thing.split('/')
  switch (kind) {
    case 'node':
    case 'kubelet':
    case 'runtime':
      return { kind: 'Node', apiVersion: 'v1', namespace: '', name: first }
    case 'pod':
    case 'container':
      return { kind: 'Pod', apiVersion: 'v1', namespace: first, name: second }
    case 'lb':
      return { kind: 'Service', apiVersion: 'v1', namespace: first, name: second }
    case 'object':
      return { kind: first, apiVersion: '', namespace: second, name: third }
    default:
      return undefined
  }
}

/** All that the inspector shows of a thing at the present position; empty texts where there is nothing. */
export function inspectThing(session: Session, thing: ThingId): Details {
  const { world } = session.history
  const object = objectOf(thing)
  const kernel = kernelOf(world, thing)
  const details = object === undefined ? { yaml: '', describe: '', events: '' } : objectDetails(session, object)
  return {
    object,
    ...details,
    ...(kernel === undefined ? {} : { kernel }),
    notSimulated: object === undefined ? [] : notSimulatedOf(world, object),
  }
}

function objectDetails(session: Session, { kind, namespace, name }: ObjectRef): Pick<Details, 'yaml' | 'describe' | 'events'> {
  const where = namespace === '' ? [] : ['-n', namespace]
  const read = (...args: string[]): string => {
    const { exit, stdout } = readWithKubectl(session, args)
    return exit === 0 ? stdout : ''
  }
  const selector = `involvedObject.kind=${kind},involvedObject.name=${name}`
  return {
    yaml: read('get', kind, name, ...where, '-o', 'yaml'),
    describe: read('describe', kind, name, ...where),
    events: read('get', 'events', ...(namespace === '' ? ['-A'] : where), '--field-selector', selector),
  }
}

function kernelOf(world: SessionWorld, thing: ThingId): KernelDetails | undefined {
  const [kind = '', first = ''] = thing.split('/')
  const host = kind === 'pod' || kind === 'client' || kind === 'lb' ? thing : KERNEL_THINGS.has(kind) ? first : undefined
  const { net } = world.parts
  if (host === undefined || !net.hosts.has(host)) return undefined
  return {
    node: host,
    ...rulesOf(world, host),
    conntrack: listConnections(net, host, world.now).map((entry) => connectionText(entry, world.now)),
    routes: listRoutes(net, host).map(routeLine),
    interfaces: [...(net.interfaces.get(host)?.values() ?? [])].map((each) => ({
      name: each.name,
      addresses: each.addresses.map(({ ip, prefix }) => `${ip}/${prefix.length}`),
      up: each.up,
      peer: each.peer === undefined ? '' : `${each.peer.host}:${each.peer.device}`,
    })),
    sockets: [...(net.sockets.get(host)?.values() ?? [])].map(
      (each) => `${each.proto} ${each.address ?? '*'}:${each.port} ${each.owner}`,
    ),
  }
}

/** A host's rules in the words of its own tool, with counters where that tool has them. */
function rulesOf(world: SessionWorld, host: string): Pick<KernelDetails, 'format' | 'rules' | 'lines' | 'ipv6'> {
  const { net, proxy } = world.parts
  if (proxy.nftables.has(host)) {
    const rules = rulesText(world, host)
    return { format: 'nftables', rules, lines: nftRuleLines(rules) }
  }
  const counters = net.counters.get(host) ?? new Map()
  const print = (family: 4 | 6) => {
    const ruleset = getRuleset(net, host, family)
    return { rules: printIptablesSave(ruleset, { counters, family }), lines: ruleLines(ruleset) }
  }
  const ipv6 = print(6)
  return { format: 'iptables', ...print(4), ...(ipv6.rules === '' ? {} : { ipv6 }) }
}
