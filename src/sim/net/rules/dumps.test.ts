import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { layClient, layNode, layPod } from '../layout.js'
import type { NetState } from '../state.js'
import { createNetState } from '../state.js'
import { sendTo } from '../testNet.js'
import { addInterface, listen } from '../topology.js'
import { setRuleset } from './ruleset.js'
import { parseIptablesSave, printIptablesSave } from './save.js'

/** What Nodes of different makes hold, in the forms that their makers write. */
const data = new URL('../conformance/data/dumps/', import.meta.url)
const FILES = readdirSync(data)

function read(name: string) {
  const text = readFileSync(new URL(name, data), 'utf8')
  const parsed = parseIptablesSave(text)
  if (!parsed.ok) throw new Error(`${name}:${parsed.error.line}: ${parsed.error.message}`)
  return { text, ruleset: parsed.value }
}

describe('[NF1] dumps of real kinds of Nodes', () => {
  it.each(FILES)('%s: parsing and printing gives the same text', (name) => {
    const { text, ruleset } = read(name)
    expect(printIptablesSave(ruleset)).toBe(text.replace(/^#.*\n/gm, ''))
  })
})

function net(dump: string): NetState {
  const made = createNetState()
  const response = { status: 200, body: '', latencyUs: 0, servedBy: '' }
  for (const node of [1, 2]) {
    layNode(made, { name: `node${node}`, addresses: [`172.18.0.1${node}`], podCIDRs: [`10.244.${node}.0/24`] })
    setRuleset(made, `node${node}`, { tables: new Map() })
    for (const [pod, last] of [
      ['a', 2],
      ['b', 3],
      ['c', 4],
    ] as const) {
      layPod(made, { node: `node${node}`, namespace: 'default', name: `${pod}${node}`, ips: [`10.244.${node}.${last}`] })
      listen(made, `pod/default/${pod}${node}`, { proto: 'tcp', port: 8_080, owner: pod, response })
    }
    listen(made, `node${node}`, { proto: 'tcp', port: 32_000, owner: 'kube-proxy', response })
  }
  layClient(made, '203.0.113.7')
  setRuleset(made, 'node1', read(dump).ruleset)
  return made
}

const CLIENT = 'client/203.0.113.7'
const A1 = 'pod/default/a1'
const B1 = 'pod/default/b1'

describe('walks through them', () => {
  it.each([
    // flannel's own masquerade leaves Pod to Pod alone; kube-proxy's mark goes first.
    ['kubeadm-flannel.txt', A1, '10.244.2.2', 8_080, 'delivered', '10.244.1.2'],
    ['kubeadm-flannel.txt', A1, '10.96.0.10', 80, 'delivered', '10.244.1.2'],
    ['kubeadm-flannel.txt', 'node1', '10.96.0.10', 80, 'delivered', '172.18.0.11'],
    ['kubeadm-flannel.txt', A1, '172.18.0.12', 32_000, 'delivered', '172.18.0.11'],
    ['calico.txt', B1, '10.244.1.2', 8_080, 'delivered', '10.244.1.3'],
    ['calico.txt', 'pod/default/c1', '10.244.1.2', 8_080, 'dropped', undefined],
    ['calico.txt', 'pod/default/a2', '10.244.1.2', 8_080, 'dropped', undefined],
    ['calico.txt', 'pod/default/a2', '10.244.1.3', 8_080, 'delivered', '10.244.2.2'],
    ['calico.txt', A1, '172.18.0.12', 32_000, 'delivered', '172.18.0.11'],
    ['calico.txt', A1, '10.244.2.2', 8_080, 'delivered', '10.244.1.2'],
    ['calico.txt', A1, '172.18.0.11', 32_000, 'delivered', '10.244.1.2'],
    ['aws-vpc-cni.txt', A1, '172.18.0.12', 32_000, 'delivered', '172.18.0.11'],
    ['aws-vpc-cni.txt', A1, '10.244.2.2', 8_080, 'delivered', '10.244.1.2'],
    ['kind.txt', A1, '172.18.0.12', 32_000, 'delivered', '172.18.0.11'],
    ['kind.txt', A1, '10.244.2.2', 8_080, 'delivered', '10.244.1.2'],
    ['ip-masq-agent.txt', CLIENT, '172.18.0.11', 8_088, 'delivered', '203.0.113.7'],
    ['ip-masq-agent.txt', B1, '172.18.0.11', 8_088, 'delivered', '10.244.1.1'],
    ['ip-masq-agent.txt', A1, '172.18.0.12', 32_000, 'delivered', '172.18.0.11'],
    ['ufw.txt', CLIENT, '172.18.0.11', 32_000, 'delivered', '203.0.113.7'],
    ['ufw.txt', CLIENT, '172.18.0.11', 9_999, 'dropped', undefined],
    ['ufw.txt', A1, '10.244.2.2', 8_080, 'delivered', '10.244.1.2'],
    ['cilium.txt', A1, '10.244.2.2', 8_080, 'delivered', '10.244.1.2'],
    ['cilium.txt', A1, '172.18.0.12', 32_000, 'delivered', '10.244.1.2'],
    ['cilium.txt', A1, '203.0.113.7', 8_080, 'refused', '172.18.0.11'],
    ['docker.txt', A1, '10.244.2.2', 8_080, 'dropped', undefined],
    ['docker.txt', CLIENT, '172.18.0.11', 32_000, 'delivered', '203.0.113.7'],
    ['kube-proxy-ipvs.txt', A1, '10.244.2.2', 8_080, 'delivered', '10.244.1.2'],
    ['kube-proxy-ipvs.txt', 'node2', '172.18.0.11', 32_000, 'delivered', '172.18.0.12'],
  ] as const)('%s: %s to %s:%s is %s', (dump, from, ip, port, verdict, source) => {
    const { ending } = sendTo(net(dump), from, ip, port)
    expect([ending.verdict, ending.sourceSeen]).toEqual([verdict, source])
  })

  it('docker.txt: a published port leads to the container', () => {
    const made = net('docker.txt')
    const segment = 'node1/docker0'
    const prefix = { family: 4, base: 0xac_11_00_00, length: 16, text: '172.17.0.0/16' } as const
    addInterface(made, 'node1', { name: 'docker0', kind: 'bridge', addresses: [{ ip: '172.17.0.1', prefix }], segment, up: true })
    const { entries } = sendTo(made, CLIENT, '172.18.0.11', 8_081)
    const rules = entries.flatMap((entry) => (entry.kind === 'rule' ? [entry.facts.text] : []))
    expect(rules).toContain('-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.17.0.2:80')
  })

  it('aws-vpc-cni.txt: what came in by the first interface is marked on its connection', () => {
    const { entries } = sendTo(net('aws-vpc-cni.txt'), CLIENT, '172.18.0.11', 32_000)
    const rules = entries.flatMap((entry) => (entry.kind === 'rule' ? [entry.facts.text] : []))
    expect(rules).toContain(
      '-A PREROUTING -i eth0 -m comment --comment "AWS, primary ENI" -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80',
    )
  })
})
