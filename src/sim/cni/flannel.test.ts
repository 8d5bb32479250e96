import { describe, expect, it } from 'vitest'
import { overlayOfCluster, overlayOfNode } from './flannel.js'

const config = (conf: string, namespace = 'kube-flannel', name = 'kube-flannel-cfg') => [
  { kind: 'Service', metadata: { name: 'web', namespace: 'default' } },
  { kind: 'ConfigMap', metadata: { name, namespace }, data: { 'net-conf.json': conf } },
]

describe('how flannel joins Nodes', () => {
  it.each([
    ['{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}}', 'kube-flannel', 'vxlan'],
    ['{"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}}', 'kube-system', 'host-gw'],
    ['{"Network":"10.244.0.0/16","Backend":{"Type":"wireguard"}}', 'kube-flannel', undefined],
    ['{"Backend":{"Type":"vxlan"}}', 'default', undefined],
    ['{"Backend":"vxlan"}', 'kube-flannel', undefined],
    ['no json', 'kube-flannel', undefined],
  ])('%s in %s: %s', (conf, namespace, expected) => {
    expect(overlayOfCluster(config(conf, namespace))).toBe(expected)
  })

  it('takes no other ConfigMap, and none at all', () => {
    expect(overlayOfCluster(config('{"Backend":{"Type":"vxlan"}}', 'kube-flannel', 'other'))).toBeUndefined()
    expect(overlayOfCluster([])).toBeUndefined()
  })

  it('believes a Node’s annotation', () => {
    const annotations = { 'flannel.alpha.coreos.com/backend-type': 'vxlan', 'flannel.alpha.coreos.com/public-ip': '172.18.0.11' }
    expect(overlayOfNode({ metadata: { annotations } })).toBe('vxlan')
    expect(overlayOfNode({ metadata: {} })).toBeUndefined()
    expect(overlayOfNode({ metadata: { annotations: { 'flannel.alpha.coreos.com/backend-type': 'udp' } } })).toBeUndefined()
  })
})
