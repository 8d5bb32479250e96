import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../testing/clusterDriver.js'
import { driveCluster } from '../../../testing/clusterDriver.js'
import { rulesText } from '../proxy/rulesText.js'
import { findPod, findService } from './names.js'
import type { TraceOptions } from './traceForms.js'
import { traceRequest } from './traceRequest.js'

const DUAL = { podSubnet: '10.244.0.0/16,fd00:10:244::/56', serviceSubnet: '10.96.0.0/16,fd00:10:96::/112' }

function open(cluster: typeof DUAL, mode = 'iptables'): Driver {
  const driver = driveCluster({
    cluster: { ...cluster, kubeProxyMode: mode === 'nftables' ? 'nftables' : 'iptables' },
    objects: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
        spec: { nodeName: 'node2', containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          type: 'NodePort',
          ipFamilyPolicy: 'PreferDualStack',
          selector: { app: 'web' },
          ports: [{ port: 80, nodePort: 30_080 }],
        },
      },
    ],
  })
  driver.settle()
  return driver
}

function trace({ world }: Driver, from: string, to: string, options: TraceOptions = {}) {
  const traced = traceRequest(world, { kind: 'request', from, to, proto: 'tcp' }, { all: true, ...options })
  if (!traced.ok) throw new Error(traced.error.message)
  const [first] = traced.value.outcomes
  if (first === undefined) throw new Error('no outcome')
  return first
}

describe('a cluster of both families', () => {
  const driver = open(DUAL)
  const ips = findService(driver.world, 'default', 'web')?.spec?.clusterIPs ?? []
  const podIPs = (findPod(driver.world, 'default', 'web')?.status?.podIPs ?? []).map((each) => each.ip)

  it('[DS1] gives Pods, Nodes and Services an address of each', () => {
    expect(podIPs).toEqual(['10.244.2.2', 'fd00:10:244:2::2'])
    expect(driver.world.parts.net.hosts.get('node1')?.addresses).toEqual(
      expect.arrayContaining(['172.18.0.11', 'fc00:f853:ccd:e793::11', '10.244.1.1', 'fd00:10:244:1::1']),
    )
    expect(ips.map((ip) => ip?.includes(':'))).toEqual([false, true])
  })

  it('[DS2] has rules of each family in its own tables', () => {
    expect(rulesText(driver.world, 'node1')).toContain(`-d ${ips[0]}/32`)
    expect(rulesText(driver.world, 'node1')).not.toContain(`${ips[1]}`)
    expect(rulesText(driver.world, 'node1', 'IPv6')).toContain(`-d ${ips[1]}/128`)
    expect(rulesText(driver.world, 'node1', 'IPv6')).toContain('--to-destination [fd00:10:244:2::2]:80')
  })

  it('[DS3] is reached over IPv6: ClusterIP, NodePort from outside, and its name', () => {
    const inside = trace(driver, 'node/node1', `[${ips[1]}]:80`)
    expect(inside).toMatchObject({ verdict: 'delivered', sourceSeen: 'fc00:f853:ccd:e793::11', masqueraded: true })
    const outside = trace(driver, 'client', '[fc00:f853:ccd:e793::11]:30080')
    expect(outside).toMatchObject({ verdict: 'delivered', to: { ip: 'fd00:10:244:2::2', pod: 'default/web' } })
    // Addresses of one's own site come after IPv4.
    expect(trace(driver, 'node/node1', 'web.default:80').to?.ip).toBe('10.244.2.2')
  })

  it('[DS4] takes a dump of ip6tables in place of that family alone', () => {
    const dump =
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d fd00::/16 -j DROP\nCOMMIT\n'
    const rules = new Map([['node1', dump]])
    expect(trace(driver, 'node/node1', `[${podIPs[1]}]:80`, { rules }).verdict).toBe('dropped')
    expect(trace(driver, 'node/node1', `${podIPs[0]}:80`, { rules }).verdict).toBe('delivered')
  })
})

describe.each(['iptables', 'nftables'])('a cluster of IPv6 alone, %s', (mode) => {
  const driver = open({ podSubnet: 'fd00:10:244::/56', serviceSubnet: 'fd00:10:96::/112' }, mode)
  const ip = findService(driver.world, 'default', 'web')?.spec?.clusterIP ?? ''

  it('[DS5] works without any IPv4 address', () => {
    expect(driver.world.parts.net.hosts.get('node1')?.addresses.every((each) => each.includes(':'))).toBe(true)
    expect(trace(driver, 'client', 'service/default/web')).toMatchObject({ verdict: 'delivered' })
    expect(trace(driver, 'node/node2', `[${ip}]:80`)).toMatchObject({ verdict: 'delivered', sourceSeen: 'fd00:10:244:2::1' })
    expect(trace(driver, 'client', '203.0.113.9:80').verdict).toBe('no-route')
  })
})
