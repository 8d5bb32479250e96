import { describe, expect, it } from 'vitest'
import type { PacketView, Step, StepFacts, StepKind } from '../../protocol/index.js'
import { en } from '../en/index.js'
import { numberText, textOf } from '../message.js'
import { zhCN } from '../zh-CN/index.js'
import { zhTW } from '../zh-TW/index.js'
import { stepPhrase } from './describe.js'

const packet: PacketView = {
  proto: 'tcp',
  src: '203.0.113.7',
  sport: 40000,
  dst: '172.18.0.13',
  dport: 30080,
  ttl: 63,
  mark: 0,
  flags: 'SYN',
}
const way = { packet, direction: 'request' } as const
const pod = { kind: 'Pod', apiVersion: 'v1', namespace: 'default', name: 'web-1' }
const service = { kind: 'Service', apiVersion: 'v1', namespace: 'default', name: 'web' }
const rule = { ...way, host: 'node3', hook: 'PREROUTING', table: 'nat', chain: 'KUBE-SEP-X', rule: 2, action: 'x' } as const

/** Facts of every kind of step; where a sentence depends on the facts, one of each. A kind left out does not compile. */
const FACTS: { readonly [K in StepKind]: readonly StepFacts[K][] } = {
  action: [
    { action: 'request', summary: { from: 'client', to: 'service/default/web:80', proto: 'tcp', count: '1' } },
    { action: 'request', summary: { from: 'client', to: 'service/default/web:80', proto: 'tcp', count: '1000' } },
    { action: 'kubectl', summary: { command: 'kubectl apply -f manifests.yaml' } },
    { action: 'fault', summary: { fault: 'stop-node', target: 'node/node1', active: 'true' } },
    { action: 'fault', summary: { fault: 'stop-node', target: 'node/node1', active: 'false' } },
    { action: 'wait', summary: { us: '1000000' } },
    { action: 'dance', summary: {} },
  ],
  fault: [
    { fault: 'stop-node', target: 'node/node1', active: true },
    { fault: 'stop-node', target: 'node/node1', active: false },
  ],
  'api-request': [
    { client: 'kubectl', verb: 'create', object: service },
    { client: 'scheduler', verb: 'create', object: pod, subresource: 'binding' },
  ],
  'api-admission': [
    { object: pod, plugin: 'ServiceAccount', changed: ['spec.serviceAccountName'] },
    { object: pod, plugin: 'ServiceAccount', changed: [] },
  ],
  'api-refused': [
    { object: pod, code: 422, reason: 'Invalid', message: 'spec.containers: Required value' },
    { object: pod, code: 500, reason: '', message: 'etcdserver: request timed out' },
  ],
  'etcd-write': [
    { operation: 'create', object: pod, key: '/registry/pods/default/web-1', revision: 7, changed: [] },
    { operation: 'update', object: pod, key: '/registry/pods/default/web-1', revision: 7, changed: ['spec.nodeName'] },
    { operation: 'update', object: pod, key: '/registry/pods/default/web-1', revision: 7, changed: [] },
    { operation: 'delete', object: pod, key: '/registry/pods/default/web-1', revision: 7, changed: [] },
  ],
  'watch-event': [{ type: 'ADDED', object: pod, revision: 7, watcher: 'scheduler' }],
  'watch-state': [
    { watcher: 'scheduler', open: true },
    { watcher: 'scheduler', open: false },
  ],
  'event-recorded': [
    { type: 'Normal', reason: 'Scheduled', message: 'Successfully assigned', about: pod, component: 'scheduler' },
  ],
  'controller-decision': [
    { controller: 'replicaset-controller', object: service, decision: 'create-pods', numbers: { wanted: 3, missing: 2 } },
    { controller: 'replicaset-controller', object: service, decision: 'delete-pods', numbers: { wanted: 1, surplus: 1 } },
    { controller: 'deployment-controller', object: service, decision: 'rollout-new', numbers: { replicaSet: 'web-1' } },
    {
      controller: 'deployment-controller',
      object: service,
      decision: 'scale-up',
      numbers: { replicaSet: 'web-1', from: 0, to: 3 },
    },
    { controller: 'job-controller', object: service, decision: 'in-balance', numbers: {} },
    { controller: 'job-controller', object: service, decision: 'other', numbers: { a: 1 } },
  ],
  'node-condition': [{ node: 'node1', type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }],
  'node-taint': [
    { node: 'node1', taint: 'node.kubernetes.io/unreachable:NoExecute', added: true },
    { node: 'node1', taint: 'node.kubernetes.io/unreachable:NoExecute', added: false },
  ],
  'pod-evicted': [{ pod, node: 'node1', reason: 'TaintManagerEviction' }],
  'lb-address': [{ service, ip: '172.18.0.100' }],
  'lb-backends': [
    { service, nodes: ['node1'], excluded: [] },
    { service, nodes: ['node1'], excluded: [{ node: 'control-plane', why: 'label' }] },
  ],
  'lb-health': [
    { loadBalancer: 'default/web', node: 'node1', healthy: true, why: 'HTTP 200' },
    { loadBalancer: 'default/web', node: 'node1', healthy: false, why: 'no answer' },
  ],
  'scheduler-filter': [
    { pod, node: 'node1', plugin: 'NodeResourcesFit', ok: true, reasons: [] },
    { pod, node: 'node1', plugin: 'NodeResourcesFit', ok: false, reasons: ['Insufficient cpu'] },
  ],
  'scheduler-score': [{ pod, node: 'node1', scores: {}, total: 150 }],
  'scheduler-bind': [
    { pod, node: 'node1', among: ['node1'] },
    { pod, node: 'node1', among: ['node1', 'node2'] },
  ],
  'scheduler-failed': [{ pod, message: '0/4 nodes are available' }],
  'lease-renewed': [{ node: 'node1' }],
  'kubelet-sync': [{ node: 'node1', pod, doing: 'start' }],
  'image-pull': (['pulling', 'pulled', 'present', 'failed'] as const).map((state) => ({
    node: 'node1',
    pod,
    image: 'nginx:1.27',
    state,
    message: 'not found',
  })),
  sandbox: (['created', 'removed'] as const).map((state) => ({ node: 'node1', pod, state })),
  cni: (['add', 'del'] as const).map((operation) => ({
    node: 'node1',
    pod,
    operation,
    ip: '10.244.1.5',
    device: 'veth1',
    bridge: 'cni0',
  })),
  'container-state': [
    { node: 'node1', pod, container: 'web', state: 'created', restartCount: 0 },
    { node: 'node1', pod, container: 'web', state: 'running', restartCount: 0 },
    { node: 'node1', pod, container: 'web', state: 'running', restartCount: 2 },
    { node: 'node1', pod, container: 'web', state: 'waiting', reason: 'ContainerCreating', restartCount: 0 },
    { node: 'node1', pod, container: 'web', state: 'waiting', reason: 'CrashLoopBackOff', restartCount: 2, backOffMs: 20_000 },
    { node: 'node1', pod, container: 'web', state: 'terminated', reason: 'Error', exitCode: 137, restartCount: 0 },
  ],
  probe: [
    { node: 'node1', pod, container: 'web', probe: 'readiness', ok: true, message: '' },
    { node: 'node1', pod, container: 'web', probe: 'liveness', ok: false, message: 'HTTP probe failed' },
  ],
  'pod-status': [
    { pod, phase: 'Running', ready: true, ip: '10.244.1.5' },
    { pod, phase: 'Pending', ready: false },
  ],
  'proxy-sync': [
    {
      node: 'node1',
      mode: 'iptables',
      services: ['default/web'],
      rulesBefore: 40,
      rulesAfter: 54,
      chainsAdded: [],
      chainsRemoved: [],
    },
    { node: 'node1', mode: 'iptables', services: [], rulesBefore: 54, rulesAfter: 54, chainsAdded: [], chainsRemoved: [] },
    { node: 'node1', mode: 'iptables', services: [], rulesBefore: 0, rulesAfter: 54, chainsAdded: [], chainsRemoved: [] },
  ],
  'proxy-sync-failed': [{ node: 'node1', mode: 'iptables', services: ['default/web'], retryAt: 30_000_000 }],
  'packet-sent': [{ ...way, host: 'client/203.0.113.7', by: 'curl' }],
  'packet-link': [
    { ...way, fromDevice: 'eth0', toDevice: 'eth0' },
    { packet, direction: 'reply', fromDevice: 'eth0', toDevice: 'eth0' },
  ],
  'packet-hook': (['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const).map((hook) => ({
    ...way,
    host: 'node3',
    hook,
    inDevice: 'eth0',
    outDevice: 'cni0',
  })),
  conntrack: (['new', 'found', 'confirmed', 'invalid'] as const).map((operation) => ({
    ...way,
    host: 'node3',
    operation,
    state: 'NEW',
    original: 'tcp a > b',
    reply: 'tcp b > a',
  })),
  rule: [
    {
      ...rule,
      text: '-A KUBE-SVC-X -m statistic --mode random --probability 0.3333 -j KUBE-SEP-Y',
      chance: { probability: 1 / 3, share: '1/3' },
    },
    { ...rule, text: '-A KUBE-SERVICES -j KUBE-NODEPORTS' },
    { ...rule, text: '-A KUBE-SEP-X -p tcp -j DNAT --to-destination 10.244.1.5:8080' },
    ...[
      'MARK --or-mark 0x4000',
      'MARK --set-xmark 0x4000/0x0',
      'MASQUERADE --random-fully',
      'DROP',
      'REJECT',
      'ACCEPT',
      'RETURN',
    ].map((target) => ({
      ...rule,
      text: `-A X -j ${target}`,
    })),
    { ...rule, text: 'ip daddr . meta l4proto vmap @service-ips' },
  ],
  policy: [{ ...way, host: 'node3', hook: 'FORWARD', table: 'filter', chain: 'FORWARD', policy: 'ACCEPT' }],
  rewrite: (['dnat', 'snat', 'masquerade', 'undo-dnat', 'undo-snat'] as const).flatMap((what) =>
    (['rule', 'conntrack', 'load-balancer'] as const).map((by) => ({
      direction: 'request' as const,
      host: 'node3',
      hook: 'PREROUTING' as const,
      what,
      by,
      before: packet,
      after: { ...packet, dst: '10.244.1.5' },
    })),
  ),
  route: [
    { ...way, host: 'node3', result: 'forward', route: 'default', device: 'eth0', via: '172.18.0.1' },
    { ...way, host: 'node3', result: 'forward', route: '10.244.3.0/24', device: 'cni0' },
    { ...way, host: 'node3', result: 'local', route: 'local', device: 'lo' },
    { ...way, host: 'node3', result: 'unreachable', route: '', device: '' },
  ],
  arp: [
    { ...way, host: 'node3', device: 'eth0', asked: '172.18.0.11', answered: true },
    { ...way, host: 'node3', device: 'eth0', asked: '172.18.0.11', answered: false },
  ],
  bridge: [
    { ...way, host: 'node1', bridge: 'cni0', inPort: 'veth1', outPort: 'veth2', lifted: true },
    { ...way, host: 'node1', bridge: 'cni0', inPort: 'veth1', outPort: 'veth2', lifted: false },
  ],
  tunnel: (['encapsulate', 'decapsulate'] as const).map((operation) => ({
    ...way,
    host: 'node1',
    device: 'flannel.1',
    operation,
    vni: 1,
    remote: '172.18.0.12',
    inner: packet,
  })),
  'lb-choice': [false, true].map((forced) => ({
    ...way,
    loadBalancer: 'default/web',
    lbKind: 'nodeport' as const,
    chosen: 'node3',
    candidates: ['node1', 'node2', 'node3'],
    excluded: [],
    chance: { probability: 1 / 3 },
    forced,
  })),
  delivered: [
    { ...way, host: 'pod/default/web-1', socket: 'tcp 0.0.0.0:8080' },
    { packet, direction: 'reply', host: 'client/203.0.113.7', socket: '' },
  ],
  answered: (['SYN+ACK', 'RST', 'data', 'icmp'] as const).map((what) => ({
    ...way,
    host: 'pod/default/web-1',
    by: 'nginx',
    what,
  })),
  stopped: (
    [
      'drop',
      'reject',
      'no-route',
      'no-neighbour',
      'ttl',
      'martian',
      'link-down',
      'no-answer',
      'wrong-address',
      'not-modelled',
    ] as const
  ).map((why) => ({ ...way, host: 'node3', why, with: 'icmp-port-unreachable' })),
  'connection-rest': [{ packets: 8, request: 'GET /', status: 200, body: 'hello', servedBy: 'web-1' }],
  'request-done': (['delivered', 'refused', 'rejected', 'dropped', 'no-route', 'timeout', 'unresolved'] as const).flatMap(
    (verdict) =>
      [true, false].map((masqueraded) => ({
        verdict,
        from: 'client/203.0.113.7',
        asked: '172.18.0.100:80',
        to: { ip: '10.244.1.5', port: 8080, pod: 'default/web-1' },
        sourceSeen: '172.18.0.13',
        masqueraded,
        probability: 1 / 9,
        forced: false,
      })),
  ),
  'requests-counted': [
    {
      from: 'client/203.0.113.7',
      asked: '172.18.0.100:80',
      count: 1000,
      results: [{ to: '10.244.1.5:8080', pod: 'default/web-1', verdict: 'delivered', seen: 341, probability: 1 / 3 }],
    },
  ],
  dns: [
    { name: 'web.default', answer: '10.96.42.7', server: '10.96.0.10' },
    { name: 'nope.default', answer: undefined, server: '10.96.0.10' },
  ],
}

function stepOf<K extends StepKind>(kind: K, facts: StepFacts[K]): Step {
  // The facts are those of the kind; the union cannot be built from a variable kind without saying so.
  return {
    id: 1,
    at: 0,
    event: 1,
    cause: undefined,
    flow: 'request-1',
    kind,
    from: 'eth0/node3',
    to: 'eth0/node1',
    facts,
  } as unknown as Step
}

const kinds = Object.keys(FACTS) as StepKind[]

describe.each([
  ['en', en],
  ['zh-TW', zhTW],
  ['zh-CN', zhCN],
] as const)('[I6] in %s every kind of step says a whole sentence', (_language, catalogue) => {
  it.each(kinds)('%s', (kind) => {
    for (const facts of FACTS[kind]) {
      const text = textOf(catalogue, stepPhrase(stepOf(kind, facts)))
      expect(text.length).toBeGreaterThan(5)
      expect(text).not.toMatch(/[{}]|undefined|\[object|NaN|\]\(/)
    }
  })
})

describe('[I7] sentences hold the facts', () => {
  it('a rule that decides the destination names Node, chain, rule and address', () => {
    const step = stepOf('rule', { ...rule, text: '-A KUBE-SEP-X -p tcp -j DNAT --to-destination 10.244.1.5:8080' })
    expect(textOf(en, stepPhrase(step))).toBe(
      "node3's iptables: rule 2 of KUBE-SEP-X decides the new destination (DNAT): 10.244.1.5:8080.",
    )
    expect(textOf(zhTW, stepPhrase(step))).toBe(
      'node3 的 iptables：KUBE-SEP-X 的第 2 條規則決定新的目的地（DNAT）：10.244.1.5:8080。',
    )
    expect(textOf(zhCN, stepPhrase(step))).toBe(
      'node3 的 iptables：KUBE-SEP-X 的第 2 条规则决定新的目的地址（DNAT）：10.244.1.5:8080。',
    )
  })

  it('who does not reach the API server is not told to be refused by it', () => {
    const facts = { object: pod, code: 503, reason: 'ServiceUnavailable', message: 'connect: connection refused' }
    const step = { ...stepOf('api-refused', facts), from: 'kubelet/node1', to: 'kubelet/node1' }
    expect(textOf(en, stepPhrase(step))).toBe(
      'kubelet of node1 cannot reach the API server about Pod default/web-1: connect: connection refused',
    )
    const refused = { ...step, from: 'apiserver' }
    expect(textOf(en, stepPhrase(refused))).toBe(
      'The API server refuses Pod default/web-1 with 503 ServiceUnavailable: connect: connection refused',
    )
  })

  it('one and many have their own words in English', () => {
    const decision = (missing: number) =>
      textOf(
        en,
        stepPhrase(
          stepOf('controller-decision', {
            controller: 'replicaset-controller',
            object: service,
            decision: 'create-pods',
            numbers: { wanted: 3, missing },
          }),
        ),
      )
    expect(decision(1)).toContain('1 new Pod.')
    expect(decision(2)).toContain('2 new Pods.')
  })

  it('a decision that has words is told in them, in every language', () => {
    const evict = stepPhrase(
      stepOf('controller-decision', {
        controller: 'taint-eviction-controller',
        object: pod,
        decision: 'evict-later',
        numbers: { seconds: 300, taints: 'node.kubernetes.io/unreachable' },
      }),
    )
    expect(textOf(en, evict)).toContain('tolerates node.kubernetes.io/unreachable for 300 seconds')
    expect(textOf(zhTW, evict)).toContain('可以容忍 node.kubernetes.io/unreachable 300 秒')
    expect(textOf(zhCN, evict)).not.toContain('evict-later')
  })

  it('the rule that flips the mark before masquerading takes it off', () => {
    const said = (text: string) => textOf(en, stepPhrase(stepOf('rule', { ...rule, text })))
    expect(said('-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0')).toContain('off the packet')
    expect(said('-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000')).toContain('puts a mark')
  })

  it('thousands are grouped, ports and revisions are not', () => {
    const sent = stepPhrase(
      stepOf('action', {
        action: 'request',
        summary: { from: 'client', to: 'service/default/web:80', proto: 'tcp', count: '1000' },
      }),
    )
    expect(textOf(zhTW, sent)).toContain('1,000 個請求')
    expect(numberText(12.8)).toBe('12.8')
    expect(numberText(1_234_567)).toBe('1,234,567')
  })
})
