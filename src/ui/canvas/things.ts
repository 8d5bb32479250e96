import type { ThingId } from '../../protocol/index.js'

/** Names of things as the picture makes them; the same forms as the simulation's (see sim/core/thing.ts). */
export const thing = {
  node: (name: string): ThingId => `node/${name}`,
  eth0: (node: string): ThingId => `eth0/${node}`,
  iptables: (node: string): ThingId => `iptables/${node}`,
  conntrack: (node: string): ThingId => `conntrack/${node}`,
  routing: (node: string): ThingId => `routing/${node}`,
  hook: (node: string, hook: string): ThingId => `hook/${node}/${hook}`,
  local: (node: string): ThingId => `local/${node}`,
  kubelet: (node: string): ThingId => `kubelet/${node}`,
  kubeProxy: (node: string): ThingId => `kube-proxy/${node}`,
  runtime: (node: string): ThingId => `runtime/${node}`,
  bridge: (node: string): ThingId => `bridge/${node}`,
  container: (namespace: string, pod: string, name: string): ThingId => `container/${namespace}/${pod}/${name}`,
  service: (namespace: string, name: string): ThingId => `object/Service/${namespace}/${name}`,
  router: 'host/router',
  apiServer: 'apiserver',
  etcd: 'etcd',
  scheduler: 'scheduler',
  controllerManager: 'controller-manager',
  cloudControllerManager: 'cloud-controller-manager',
} as const

/** The Node in whose house a thing stands, by its id alone; undefined for Pods (the scene knows) and what stands elsewhere. */
export function houseOf(id: ThingId): string | undefined {
  const [kind, node] = id.split('/')
  switch (kind) {
    case 'node':
    case 'eth0':
    case 'iptables':
    case 'conntrack':
    case 'routing':
    case 'hook':
    case 'local':
    case 'kubelet':
    case 'kube-proxy':
    case 'runtime':
    case 'bridge':
    case 'pods':
      return node === 'pod' || node === 'client' || node === 'lb' || node === 'router' ? undefined : node
    default:
      return undefined
  }
}

/** Names with numbers in them in the order in which people count: node2 before node10. */
export function byNaturalName(a: string, b: string): number {
  const left = a.split(/(\d+)/)
  const right = b.split(/(\d+)/)
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const one = left[index] ?? ''
    const other = right[index] ?? ''
    if (one === other) continue
    const numbers = Number(one) - Number(other)
    if (index % 2 === 1 && numbers !== 0 && !Number.isNaN(numbers)) return numbers
    return one < other ? -1 : 1
  }
  return 0
}
