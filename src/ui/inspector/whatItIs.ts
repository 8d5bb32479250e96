import { type MessageKey, type Phrase, phrase } from '../../i18n/index.js'
import type { Scene, ThingId } from '../../protocol/index.js'

/** Terms of the glossary that a thing of the picture is an example of. */
type Defined = {
  [K in MessageKey]: K extends `word.${infer Term}` ? Term : never
}[MessageKey]

const BY_KIND: Readonly<Partial<Record<string, Defined>>> = {
  apiserver: 'api-server',
  bridge: 'bridge',
  'cloud-controller-manager': 'cloud-controller-manager',
  conntrack: 'conntrack',
  container: 'container',
  'controller-manager': 'controller-manager',
  etcd: 'etcd',
  hook: 'hook',
  iptables: 'iptables',
  'kube-proxy': 'kube-proxy',
  kubelet: 'kubelet',
  lb: 'load-balancer',
  node: 'node',
  pod: 'pod',
  routing: 'routing',
  runtime: 'container-runtime',
  scheduler: 'scheduler',
}

const BY_OBJECT: Readonly<Partial<Record<string, Defined>>> = {
  Deployment: 'deployment',
  EndpointSlice: 'endpointslice',
  ReplicaSet: 'replicaset',
}

/** What kind of thing it is, in one sentence of the glossary; undefined where the glossary has none, or another note says it. */
export function whatItIs(scene: Scene, id: ThingId): Phrase | undefined {
  const [kind = '', name = ''] = id.split('/')
  // In nftables mode the same place holds another tool's rules.
  if (kind === 'iptables' && scene.nodes.get(`node/${name}`)?.proxyMode === 'nftables') return undefined
  const term = kind === 'object' ? BY_OBJECT[name] : BY_KIND[kind]
  if (term === undefined) return undefined
  return phrase('definition', { word: phrase(`word.${term}`), definition: phrase(`term.${term}`) })
}
