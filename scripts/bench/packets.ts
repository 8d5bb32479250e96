/** Packets traced through one Node per second, with few and many Services: the cost must not grow with their number. */
import { createChooser } from '../../src/sim/net/chooser.js'
import { firstOf } from '../../src/sim/net/follow.js'
import { createHandled } from '../../src/sim/net/handled.js'
import { createKernel } from '../../src/sim/net/kernel.js'
import { layClient, layNode, layPod } from '../../src/sim/net/layout.js'
import { flushConnections } from '../../src/sim/net/ledger.js'
import { openView } from '../../src/sim/net/machine.js'
import type { Note } from '../../src/sim/net/note.js'
import { setRuleset } from '../../src/sim/net/rules/ruleset.js'
import { parseIptablesSave } from '../../src/sim/net/rules/save.js'
import { receive } from '../../src/sim/net/stack.js'
import type { NetState } from '../../src/sim/net/state.js'
import { createNetState } from '../../src/sim/net/state.js'

const ENDPOINTS = 3

/** Rules of that many NodePort Services, each with three endpoints, in the form that kube-proxy gives them. */
export function rulesFor(services: number): string {
  const chains: string[] = []
  const rules: string[] = []
  const dispatch: string[] = []
  const nodePorts: string[] = []
  for (let index = 0; index < services; index++) {
    const ip = `10.96.${Math.floor(index / 250) + 1}.${(index % 250) + 1}`
    const id = `S${index.toString(36).toUpperCase().padStart(15, '0')}`
    chains.push(`:KUBE-EXT-${id} - [0:0]`, `:KUBE-SVC-${id} - [0:0]`)
    dispatch.push(
      `-A KUBE-SERVICES -d ${ip}/32 -p tcp -m comment --comment "default/s${index} cluster IP" -m tcp --dport 80 -j KUBE-SVC-${id}`,
    )
    nodePorts.push(
      `-A KUBE-NODEPORTS -p tcp -m comment --comment "default/s${index}" -m tcp --dport ${20_000 + index} -j KUBE-EXT-${id}`,
    )
    rules.push(
      `-A KUBE-EXT-${id} -m comment --comment "masquerade traffic for default/s${index} external destinations" -j KUBE-MARK-MASQ`,
      `-A KUBE-EXT-${id} -j KUBE-SVC-${id}`,
      `-A KUBE-SVC-${id} ! -s 10.244.0.0/16 -d ${ip}/32 -p tcp -m comment --comment "default/s${index} cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ`,
    )
    for (let endpoint = 0; endpoint < ENDPOINTS; endpoint++) {
      const sep = `KUBE-SEP-E${endpoint}${id.slice(2)}`
      const probability = (1 / (ENDPOINTS - endpoint)).toFixed(11)
      const chance = endpoint === ENDPOINTS - 1 ? '' : ` -m statistic --mode random --probability ${probability}`
      const to = `10.244.${endpoint + 1}.10`
      chains.push(`:${sep} - [0:0]`)
      rules.push(
        `-A KUBE-SVC-${id} -m comment --comment "default/s${index} -> ${to}:8080"${chance} -j ${sep}`,
        `-A ${sep} -s ${to}/32 -m comment --comment "default/s${index}" -j KUBE-MARK-MASQ`,
        `-A ${sep} -p tcp -m comment --comment "default/s${index}" -m tcp -j DNAT --to-destination ${to}:8080`,
      )
    }
  }
  return [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':KUBE-FORWARD - [0:0]',
    ':KUBE-PROXY-FIREWALL - [0:0]',
    ':KUBE-SERVICES - [0:0]',
    '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
    '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
    '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'COMMIT',
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ':KUBE-NODEPORTS - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    ':KUBE-SERVICES - [0:0]',
    ...chains,
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    ...nodePorts,
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ...dispatch,
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    ...rules,
    'COMMIT',
  ].join('\n')
}

function lay(services: number): NetState {
  const net = createNetState()
  for (const index of [1, 2, 3])
    layNode(net, { name: `node${index}`, addresses: [`172.18.0.1${index}`], podCIDRs: [`10.244.${index}.0/24`] })
  for (const index of [1, 2, 3])
    layPod(net, { node: `node${index}`, namespace: 'default', name: `web-${index}`, ips: [`10.244.${index}.10`] })
  layClient(net, '203.0.113.7')
  const parsed = parseIptablesSave(rulesFor(services))
  if (!parsed.ok) throw new Error(`line ${parsed.error.line}: ${parsed.error.message}`)
  setRuleset(net, 'node1', parsed.value)
  return net
}

/** Services that are asked, evenly spread over all: the same number each time, so that the processor's caches are no part of the comparison. */
const ASKED = 10

/** Connections after which the table is emptied, so that its size is no part of the figure. */
const FLUSH_EVERY = 5_000

/** Traced packets per second through a Node: first packets of NodePort and ClusterIP connections, each through every hook with its rules. */
export function packetsPerSecond(services: number, forMs = 1_000): number {
  const net = lay(services)
  let seed = 1
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed / 4_294_967_296
  }
  let rules = 0
  const view = openView(net)
  const trace = (note: Note): void => {
    if (note.kind === 'rule') rules++
  }
  const at = { host: 'node1', device: 'eth0' }
  const walk = (count: number): void => {
    const service = Math.floor(((count % ASKED) * services) / ASKED)
    const viaNodePort = Math.floor(count / ASKED) % 2 === 0
    const packet = firstOf({
      proto: 'tcp',
      src: '203.0.113.7',
      sport: 1_024 + (count % 60_000),
      dst: viaNodePort ? '172.18.0.11' : `10.96.${Math.floor(service / 250) + 1}.${(service % 250) + 1}`,
      dport: viaNodePort ? 20_000 + service : 80,
    })
    const kernel = createKernel({ net, view, chooser: createChooser([], random), random, trace })
    receive(kernel, { packet, direction: 'request', at, target: at }, createHandled())
    if (count % FLUSH_EVERY === FLUSH_EVERY - 1) flushConnections(net, 'node1')
  }
  let count = 0
  for (; count < 3_000; count++) walk(count)
  const start = performance.now()
  const used = process.cpuUsage()
  const first = count
  while (performance.now() - start < forMs) for (let batch = 0; batch < 100; batch++) walk(count++)
  // Processor time, so that what else the machine does is no part of the figure.
  const { user, system } = process.cpuUsage(used)
  const seconds = (user + system) / 1_000_000
  if (rules === 0) throw new Error('no rule matched')
  return (count - first) / seconds
}

/** Figures for `npm run bench`: name to number. */
export function benchPackets(): Record<string, number> {
  const few = packetsPerSecond(10)
  const many = packetsPerSecond(1_000)
  const most = packetsPerSecond(10_000)
  return {
    'packets/s, 10 Services': Math.round(few),
    'packets/s, 1,000 Services': Math.round(many),
    'packets/s, 10,000 Services': Math.round(most),
    'cost of a packet, 1,000 Services against 10': few / many,
    'cost of a packet, 10,000 Services against 10': few / most,
  }
}
