import type { StepInput } from '../core/step.js'
import type { Chooser } from './chooser.js'
import { explore } from './chooser.js'
import type { Ending } from './follow.js'
import { firstPacket, followRequest } from './follow.js'
import { createKernel, createScratch } from './kernel.js'
import { layClient, layNode, layPod } from './layout.js'
import { stepOf } from './noteSteps.js'
import type { Protocol } from './packet.js'
import { setRuleset } from './rules/ruleset.js'
import { parseIptablesSave } from './rules/save.js'
import type { NetState } from './state.js'
import { createNetState } from './state.js'
import { listen } from './topology.js'

/** Two Nodes with two Pods each that listen on 8080 (tcp and udp), and a client outside. For tests of this folder. */
export function testNet(): NetState {
  const net = createNetState()
  for (const node of [1, 2]) {
    layNode(net, { name: `node${node}`, addresses: [`172.18.0.1${node}`], podCIDRs: [`10.244.${node}.0/24`] })
    load(net, `node${node}`, '')
    for (const pod of ['a', 'b']) {
      const name = `${pod}${node}`
      const ip = `10.244.${node}.${pod === 'a' ? 10 : 11}`
      layPod(net, { node: `node${node}`, namespace: 'default', name, ips: [ip] })
      for (const proto of ['tcp', 'udp'] as const) {
        const response = { status: 200, body: name, latencyUs: 100, servedBy: `default/${name}` }
        listen(net, `pod/default/${name}`, { proto, port: 8080, owner: name, response })
      }
    }
  }
  layClient(net, '203.0.113.7')
  return net
}

/** Loads rules into a host: `table chain: rest of the rule` lines; chains are made as they are named. */
export function load(net: NetState, host: string, rules: string): void {
  const tables = new Map<string, { chains: Set<string>; rules: string[] }>()
  const builtIn: Record<string, string[]> = {
    raw: ['PREROUTING', 'OUTPUT'],
    mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  }
  for (const [name, chains] of Object.entries(builtIn)) tables.set(name, { chains: new Set(chains), rules: [] })
  for (const line of rules.split('\n').map((each) => each.trim())) {
    const match = /^(\w+) (\S+): ?(.*)$/.exec(line)
    const table = tables.get(match?.[1] ?? '')
    if (match === null || table === undefined) continue
    table.chains.add(match[2] ?? '')
    if (match[3] !== '') table.rules.push(`-A ${match[2]} ${match[3]}`)
  }
  const text = [...tables]
    .map(([name, { chains, rules: lines }]) =>
      [
        `*${name}`,
        ...[...chains].map((chain) => `:${chain} ${builtIn[name]?.includes(chain) ? 'ACCEPT' : '-'} [0:0]`),
        ...lines,
        'COMMIT',
      ].join('\n'),
    )
    .join('\n')
  const parsed = parseIptablesSave(text)
  if (!parsed.ok) throw new Error(`${parsed.error.line}: ${parsed.error.message}`)
  setRuleset(net, host, parsed.value)
}

export interface Sent {
  readonly ending: Ending
  readonly entries: readonly StepInput[]
}

export interface SendOptions {
  readonly chooser?: Chooser
  readonly proto?: Protocol
  readonly sport?: number
  /** Leaves its traces in the state. */
  readonly live?: boolean
  readonly now?: number
}

/** Sends a request at once. */
export function sendTo(net: NetState, from: string, ip: string, port: number, options: SendOptions = {}): Sent {
  const entries: StepInput[] = []
  const kernel = createKernel({
    net,
    now: options.now,
    scratch: options.live === true ? undefined : createScratch(),
    chooser: options.chooser,
    random: () => 0.25,
    trace: (note) => entries.push(stepOf(net, note)),
  })
  const packet = firstPacket(kernel, from, { proto: options.proto ?? 'tcp', ip, port }, options.sport ?? 40_000)
  if (packet === undefined) throw new Error('no source address')
  return { ending: followRequest(kernel, { kind: 'own', host: from }, packet), entries }
}

/** Every outcome of a request. */
export function exploreTo(net: NetState, from: string, ip: string, port: number, options: SendOptions = {}) {
  return explore((chooser) => sendTo(net, from, ip, port, { ...options, chooser }))
}
