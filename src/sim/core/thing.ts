/**
 * Name of a thing that a person can point at: what steps move between, what the canvas draws, what the inspector opens.
 *
 *     client/203.0.113.7            host/router                lb/default/web
 *     apiserver                     etcd                       scheduler
 *     controller-manager            controller/deployment      cloud-controller-manager
 *     node/node1                    eth0/node1                 iptables/node1
 *     kubelet/node1                 kube-proxy/node1           runtime/node1
 *     bridge/node1                  hook/node1/PREROUTING      conntrack/node1      routing/node1
 *     pod/default/web-1             container/default/web-1/nginx                   local/node1 (its processes)
 *     object/Service/default/web    (any API object without a shape of its own; cluster-scoped: object/Namespace//default)
 */
export type ThingId = string

export const thing = {
  client: (ip: string): ThingId => `client/${ip}`,
  loadBalancer: (namespace: string, name: string): ThingId => `lb/${namespace}/${name}`,
  apiServer: 'apiserver',
  etcd: 'etcd',
  scheduler: 'scheduler',
  controllerManager: 'controller-manager',
  cloudControllerManager: 'cloud-controller-manager',
  controller: (name: string): ThingId => `controller/${name}`,
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
  pod: (namespace: string, name: string): ThingId => `pod/${namespace}/${name}`,
  container: (namespace: string, pod: string, name: string): ThingId => `container/${namespace}/${pod}/${name}`,
  object: (kind: string, namespace: string, name: string): ThingId => `object/${kind}/${namespace}/${name}`,
} as const
