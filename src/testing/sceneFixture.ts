/** A plausible scene and steps for tests of the page: made up, never shown to a user. */
import type { PacketView, Scene, SceneNode, ScenePod, SceneService, SceneWorkload, Step, StepKind } from '../protocol/index.js'

export function fixtureNode(name: string, index: number, rest: Partial<SceneNode> = {}): SceneNode {
  return {
    id: `node/${name}`,
    name,
    ip: `172.18.${Math.floor(index / 200)}.${10 + (index % 200)}`,
    podCIDR: `10.244.${index}.0/24`,
    controlPlane: false,
    ready: 'True',
    powered: true,
    connected: true,
    unschedulable: false,
    taints: [],
    kubelet: true,
    kubeProxy: true,
    proxyMode: 'iptables',
    rulesStale: false,
    pace: { minSyncPeriod: 1_000_000, syncPeriod: 30_000_000, lag: 0 },
    ruleCount: 54,
    otherRuleCount: 33,
    joinedLater: false,
    tables: ['nat PREROUTING', 'nat OUTPUT', 'nat POSTROUTING', 'filter INPUT', 'filter FORWARD', 'filter OUTPUT'],
    createdAt: 0,
    ...rest,
  }
}

export function fixturePod(namespace: string, name: string, node: string, ip: string, rest: Partial<ScenePod> = {}): ScenePod {
  return {
    id: `pod/${namespace}/${name}`,
    namespace,
    name,
    node,
    ip,
    phase: 'Running',
    status: 'Running',
    ready: true,
    terminating: false,
    hostNetwork: false,
    isStatic: false,
    owner: 'ReplicaSet/web-7c9d8f6b5',
    labels: { app: 'web' },
    containers: [
      { name: 'nginx', image: 'nginx:1.27', state: 'running', reason: '', ready: true, restarts: 0, init: false, ports: [80] },
    ],
    device: `veth${name.slice(-5)}`,
    ...rest,
  }
}

const byId = <T extends { readonly id: string }>(entries: readonly T[]): ReadonlyMap<string, T> =>
  new Map(entries.map((entry) => [entry.id, entry]))

export interface FixtureSize {
  readonly nodes: number
  readonly podsPerNode: number
}

/** A scene of any size; without one, the default cluster with two Pods on node1, one on node2, none on node3. */
export function fixtureScene(size?: FixtureSize): Scene {
  const workers =
    size === undefined
      ? ['node1', 'node2', 'node3'].map((name, index) => fixtureNode(name, index + 1, { joinedLater: index === 2 }))
      : Array.from({ length: size.nodes }, (_, index) => fixtureNode(`node${index + 1}`, index + 1))
  const web =
    size === undefined
      ? [
          fixturePod('default', 'web-7c9d8f6b5-x2x4p', 'node1', '10.244.1.5'),
          fixturePod('default', 'web-7c9d8f6b5-m8k2j', 'node1', '10.244.1.6'),
          fixturePod('default', 'web-7c9d8f6b5-q5v7d', 'node2', '10.244.2.3'),
        ]
      : workers.flatMap((node, at) =>
          Array.from({ length: size.podsPerNode }, (_, index) =>
            fixturePod(
              'default',
              `web-7c9d8f6b5-${String(at).padStart(3, '0')}${index}`,
              node.name,
              `10.244.${at + 1}.${index + 2}`,
            ),
          ),
        )
  const dns = ['6bjkf', 'tq9xw'].map((hash, index) =>
    fixturePod('kube-system', `coredns-7d764666f9-${hash}`, 'control-plane', `10.244.0.${index + 2}`, {
      owner: 'ReplicaSet/coredns-7d764666f9',
      labels: { 'k8s-app': 'kube-dns' },
    }),
  )
  const fixed = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) =>
    fixturePod('kube-system', `${name}-control-plane`, 'control-plane', '172.18.0.2', {
      hostNetwork: true,
      isStatic: true,
      owner: 'Node/control-plane',
    }),
  )
  const service = (namespace: string, name: string, rest: Partial<SceneService>): SceneService => ({
    id: `object/Service/${namespace}/${name}`,
    namespace,
    name,
    type: 'ClusterIP',
    clusterIP: '10.96.0.1',
    externalAddresses: [],
    ports: [],
    endpoints: [],
    ...rest,
  })
  const workload = (kind: string, namespace: string, name: string, count: number, owner = ''): SceneWorkload => ({
    id: `object/${kind}/${namespace}/${name}`,
    kind,
    namespace,
    name,
    owner,
    desired: count,
    current: count,
    ready: count,
    image: 'nginx:1.27',
  })
  return {
    clients: byId([{ id: 'client/203.0.113.7', ip: '203.0.113.7' }]),
    loadBalancers: byId([
      {
        id: 'lb/default/web',
        service: 'default/web',
        ip: '172.18.0.100',
        moreAddresses: [],
        ports: [80],
        kind: 'nodeport',
        nodes: [
          ...workers.map((node) => ({ node: node.name, usable: true, why: '' })),
          { node: 'control-plane', usable: false, why: 'control-plane' },
        ],
      },
    ]),
    components: byId(
      ['apiserver', 'etcd', 'scheduler', 'controller-manager', 'cloud-controller-manager'].map((id) => ({
        id,
        node: 'control-plane',
        running: true,
      })),
    ),
    nodes: byId([fixtureNode('control-plane', 0, { ip: '172.18.0.2', controlPlane: true }), ...workers]),
    pods: byId([...web, ...dns, ...fixed]),
    services: byId([
      service('default', 'kubernetes', {}),
      service('default', 'web', {
        type: 'LoadBalancer',
        clusterIP: '10.96.42.7',
        externalAddresses: ['172.18.0.100'],
        ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: '80', nodePort: 30080 }],
        endpoints: web.map((pod) => ({ ip: pod.ip, port: 80, pod: pod.id, ready: true, serving: true, terminating: false })),
      }),
      service('kube-system', 'kube-dns', { clusterIP: '10.96.0.10' }),
    ]),
    workloads: byId([
      workload('Deployment', 'default', 'web', web.length),
      workload('ReplicaSet', 'default', 'web-7c9d8f6b5', web.length, 'Deployment/web'),
      workload('Deployment', 'kube-system', 'coredns', 2),
      workload('ReplicaSet', 'kube-system', 'coredns-7d764666f9', 2, 'Deployment/coredns'),
    ]),
    faults: new Map(),
  }
}

interface Loose {
  readonly kind: StepKind
  readonly from?: string
  readonly to?: string
  readonly facts: object
}

/** A request from the internet that meets the Node without a Pod, and its reply; then a few control-plane steps. */
export function fixtureSteps(): readonly Step[] {
  let packet: PacketView = {
    proto: 'tcp',
    src: '203.0.113.7',
    sport: 51512,
    dst: '172.18.0.100',
    dport: 80,
    ttl: 64,
    mark: 0,
    flags: 'SYN',
  }
  let direction: 'request' | 'reply' = 'request'
  const steps: Step[] = []
  let flow = 'request-1'
  const add = ({ kind, from, to, facts }: Loose) => {
    const id = steps.length + 1
    steps.push({ id, at: id * 100, event: id, cause: undefined, flow, kind, from, to, facts } as Step)
  }
  const hook = (node: string, name: string, from: string) =>
    add({
      kind: 'packet-hook',
      from,
      to: `hook/${node}/${name}`,
      facts: { packet, direction, host: node, hook: name, inDevice: 'eth0', outDevice: '' },
    })
  const rule = (
    node: string,
    name: string,
    table: string,
    chain: string,
    number: number,
    text: string,
    action: string,
    p?: number,
  ) =>
    add({
      kind: 'rule',
      from: `hook/${node}/${name}`,
      to: `hook/${node}/${name}`,
      facts: {
        packet,
        direction,
        host: node,
        hook: name,
        table,
        chain,
        rule: number,
        text,
        action,
        ...(p === undefined ? {} : { chance: { probability: p, share: '1/3' } }),
      },
    })
  const rewrite = (node: string, name: string, what: string, by: string, change: Partial<PacketView>) => {
    const before = packet
    packet = { ...packet, ...change }
    add({
      kind: 'rewrite',
      from: `hook/${node}/${name}`,
      to: `hook/${node}/${name}`,
      facts: { direction, host: node, hook: name, what, by, before, after: packet },
    })
  }
  const link = (from: string, to: string) =>
    add({ kind: 'packet-link', from, to, facts: { packet, direction, fromDevice: 'eth0', toDevice: 'eth0' } })
  const route = (node: string, result: string, device: string) =>
    add({
      kind: 'route',
      from: `routing/${node}`,
      to: `routing/${node}`,
      facts: { packet, direction, host: node, result, route: '10.244.1.0/24 via 172.18.0.11 dev eth0', device },
    })
  const track = (node: string, operation: string, state: string) =>
    add({
      kind: 'conntrack',
      from: `conntrack/${node}`,
      to: `conntrack/${node}`,
      facts: {
        packet,
        direction,
        host: node,
        operation,
        state,
        original: 'tcp 203.0.113.7:51512 > 172.18.0.13:30080',
        reply: 'tcp 10.244.1.5:80 > 172.18.0.13:40211',
      },
    })

  add({ kind: 'action', facts: { action: 'request', summary: {} } })
  add({ kind: 'packet-sent', from: 'client/203.0.113.7', facts: { packet, direction, host: 'client/203.0.113.7', by: 'curl' } })
  link('client/203.0.113.7', 'lb/default/web')
  add({
    kind: 'lb-choice',
    from: 'lb/default/web',
    to: 'lb/default/web',
    facts: {
      packet,
      direction,
      loadBalancer: 'default/web',
      lbKind: 'nodeport',
      chosen: 'node3',
      candidates: ['node1', 'node2', 'node3'],
      excluded: [],
      chance: { probability: 1 / 3, share: '1/3' },
      forced: false,
    },
  })
  const before = packet
  packet = { ...packet, dst: '172.18.0.13', dport: 30080 }
  add({
    kind: 'rewrite',
    from: 'lb/default/web',
    to: 'lb/default/web',
    facts: { direction, host: 'lb/default/web', hook: 'PREROUTING', what: 'dnat', by: 'load-balancer', before, after: packet },
  })
  link('lb/default/web', 'eth0/node3')
  hook('node3', 'PREROUTING', 'eth0/node3')
  track('node3', 'new', 'NEW')
  rule(
    'node3',
    'PREROUTING',
    'nat',
    'PREROUTING',
    1,
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    'jump KUBE-SERVICES',
  )
  rule(
    'node3',
    'PREROUTING',
    'nat',
    'KUBE-SERVICES',
    5,
    '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    'jump KUBE-NODEPORTS',
  )
  rule(
    'node3',
    'PREROUTING',
    'nat',
    'KUBE-NODEPORTS',
    2,
    '-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-EXT-LOLE6LYAYKBKPB6H',
    'jump KUBE-EXT-LOLE6LYAYKBKPB6H',
  )
  rule(
    'node3',
    'PREROUTING',
    'nat',
    'KUBE-EXT-LOLE6LYAYKBKPB6H',
    1,
    '-A KUBE-EXT-LOLE6LYAYKBKPB6H -j KUBE-MARK-MASQ',
    'jump KUBE-MARK-MASQ',
  )
  packet = { ...packet, mark: 0x4000 }
  rule('node3', 'PREROUTING', 'nat', 'KUBE-MARK-MASQ', 1, '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000', 'MARK 0x4000')
  rule(
    'node3',
    'PREROUTING',
    'nat',
    'KUBE-SVC-LOLE6LYAYKBKPB6H',
    2,
    '-A KUBE-SVC-LOLE6LYAYKBKPB6H -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-QBMWX2',
    'jump KUBE-SEP-QBMWX2',
    1 / 3,
  )
  rule(
    'node3',
    'PREROUTING',
    'nat',
    'KUBE-SEP-QBMWX2',
    2,
    '-A KUBE-SEP-QBMWX2 -p tcp -m tcp -j DNAT --to-destination 10.244.1.5:80',
    'DNAT 10.244.1.5:80',
  )
  rewrite('node3', 'PREROUTING', 'dnat', 'rule', { dst: '10.244.1.5', dport: 80 })
  route('node3', 'forward', 'eth0')
  hook('node3', 'FORWARD', 'routing/node3')
  rule('node3', 'FORWARD', 'filter', 'KUBE-FORWARD', 2, '-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT', 'ACCEPT')
  hook('node3', 'POSTROUTING', 'hook/node3/FORWARD')
  rule('node3', 'POSTROUTING', 'nat', 'KUBE-POSTROUTING', 3, '-A KUBE-POSTROUTING -j MASQUERADE --random-fully', 'MASQUERADE')
  rewrite('node3', 'POSTROUTING', 'masquerade', 'rule', { src: '172.18.0.13', sport: 40211, mark: 0 })
  track('node3', 'confirmed', 'NEW')
  link('hook/node3/POSTROUTING', 'eth0/node1')
  hook('node1', 'PREROUTING', 'eth0/node1')
  route('node1', 'forward', 'cni0')
  hook('node1', 'FORWARD', 'routing/node1')
  hook('node1', 'POSTROUTING', 'hook/node1/FORWARD')
  add({
    kind: 'bridge',
    from: 'hook/node1/POSTROUTING',
    to: 'bridge/node1',
    facts: { packet, direction, host: 'node1', bridge: 'cni0', inPort: 'cni0', outPort: 'vethx2x4p', lifted: false },
  })
  link('bridge/node1', 'pod/default/web-7c9d8f6b5-x2x4p')
  add({
    kind: 'delivered',
    from: 'pod/default/web-7c9d8f6b5-x2x4p',
    to: 'pod/default/web-7c9d8f6b5-x2x4p',
    facts: { packet, direction, host: 'pod/default/web-7c9d8f6b5-x2x4p', socket: 'nginx 0.0.0.0:80' },
  })
  direction = 'reply'
  packet = { ...packet, src: '10.244.1.5', sport: 80, dst: '172.18.0.13', dport: 40211, flags: 'SYN+ACK' }
  add({
    kind: 'answered',
    from: 'pod/default/web-7c9d8f6b5-x2x4p',
    facts: { packet, direction, host: 'pod/default/web-7c9d8f6b5-x2x4p', by: 'nginx', what: 'SYN+ACK' },
  })
  link('pod/default/web-7c9d8f6b5-x2x4p', 'bridge/node1')
  hook('node1', 'PREROUTING', 'bridge/node1')
  route('node1', 'forward', 'eth0')
  hook('node1', 'FORWARD', 'routing/node1')
  hook('node1', 'POSTROUTING', 'hook/node1/FORWARD')
  link('hook/node1/POSTROUTING', 'eth0/node3')
  hook('node3', 'PREROUTING', 'eth0/node3')
  rewrite('node3', 'PREROUTING', 'undo-snat', 'conntrack', { dst: '203.0.113.7', dport: 51512 })
  route('node3', 'forward', 'eth0')
  hook('node3', 'FORWARD', 'routing/node3')
  hook('node3', 'POSTROUTING', 'hook/node3/FORWARD')
  rewrite('node3', 'POSTROUTING', 'undo-dnat', 'conntrack', { src: '172.18.0.13', sport: 30080 })
  link('hook/node3/POSTROUTING', 'lb/default/web')
  link('lb/default/web', 'client/203.0.113.7')
  add({
    kind: 'request-done',
    from: 'client/203.0.113.7',
    facts: {
      verdict: 'delivered',
      from: 'client',
      asked: '172.18.0.100:80',
      masqueraded: true,
      probability: 1 / 9,
      forced: false,
    },
  })
  flow = 'change-2'
  const object = { kind: 'Pod', apiVersion: 'v1', namespace: 'default', name: 'web-7c9d8f6b5-new' }
  add({ kind: 'api-request', from: 'person', to: 'apiserver', facts: { client: 'kubectl', verb: 'patch', object } })
  add({
    kind: 'etcd-write',
    from: 'apiserver',
    to: 'etcd',
    facts: { operation: 'update', object, key: '/registry', revision: 900, changed: [] },
  })
  add({
    kind: 'watch-event',
    from: 'apiserver',
    to: 'controller-manager',
    facts: { type: 'MODIFIED', object, revision: 900, watcher: 'deployment-controller' },
  })
  add({
    kind: 'watch-event',
    from: 'apiserver',
    to: 'kube-proxy/node2',
    facts: { type: 'ADDED', object, revision: 903, watcher: 'kube-proxy node2' },
  })
  add({
    kind: 'scheduler-filter',
    from: 'scheduler',
    to: 'node/node1',
    facts: { pod: object, node: 'node1', plugin: 'NodeResourcesFit', ok: false, reasons: ['Insufficient cpu'] },
  })
  add({
    kind: 'scheduler-score',
    from: 'scheduler',
    to: 'node/node3',
    facts: { pod: object, node: 'node3', scores: {}, total: 310 },
  })
  add({
    kind: 'proxy-sync',
    from: 'kube-proxy/node2',
    to: 'iptables/node2',
    facts: {
      node: 'node2',
      mode: 'iptables',
      services: ['default/web'],
      rulesBefore: 54,
      rulesAfter: 58,
      chainsAdded: [],
      chainsRemoved: [],
    },
  })
  return steps
}
