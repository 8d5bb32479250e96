import type { ThingId } from '../protocol/index.js'
import { type Phrase, phrase } from './message.js'

/** A thing's name as screen readers and tests know it: kind and name, `Pod default/web-1`, `iptables of node1`. */
export function thingPhrase(id: ThingId): Phrase {
  const parts = id.split('/')
  const kind = parts[0] ?? ''
  const rest = parts.slice(1).join('/')
  const node = rest
  switch (kind) {
    case 'client':
      return rest === 'kubectl' ? phrase('thing.kubectl') : phrase('thing.client', { ip: rest })
    case 'lb':
      return phrase('thing.lb', { name: rest })
    case 'apiserver':
      return phrase('thing.apiserver')
    case 'etcd':
      return phrase('thing.etcd')
    case 'scheduler':
      return phrase('thing.scheduler')
    case 'controller-manager':
      return phrase('thing.controller-manager')
    case 'cloud-controller-manager':
      return phrase('thing.cloud-controller-manager')
    case 'controller':
      return phrase('thing.controller', { name: rest })
    case 'host':
      return rest === 'router' ? phrase('thing.router') : phrase('thing.other', { name: rest })
    case 'router':
      return phrase('thing.router')
    case 'node':
      return phrase('thing.node', { node })
    case 'eth0':
      return phrase('thing.eth0', { node })
    case 'iptables':
      return phrase('thing.iptables', { node })
    case 'conntrack':
      return phrase('thing.conntrack', { node })
    case 'routing':
      return phrase('thing.routing', { node })
    case 'hook':
      return phrase('thing.hook', { node: parts[1] ?? '', hook: parts[2] ?? '' })
    case 'local':
      return phrase('thing.local', { node })
    case 'kubelet':
      return phrase('thing.kubelet', { node })
    case 'kube-proxy':
      if (rest === '*') return phrase('proxy.all')
      return phrase('thing.kube-proxy', { node })
    case 'runtime':
      return phrase('thing.runtime', { node })
    case 'bridge':
      return phrase('thing.bridge', { node })
    case 'pod':
      return phrase('thing.pod', { pod: rest })
    case 'container':
      return phrase('thing.container', { container: parts[3] ?? '', pod: parts.slice(1, 3).join('/') })
    case 'object': {
      const namespace = parts[2] ?? ''
      const name = parts.slice(3).join('/')
      return phrase('thing.object', { kind: parts[1] ?? '', name: namespace === '' ? name : `${namespace}/${name}` })
    }
    default:
      return phrase('thing.other', { name: id })
  }
}
