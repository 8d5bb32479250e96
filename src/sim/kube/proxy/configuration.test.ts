import { describe, expect, it } from 'vitest'
import { holdConnection } from '../../net/ledger.js'
import { createNetState } from '../../net/state.js'
import { DEFAULT_PROXY_CONFIGURATION, localDetectorOf, masqueradeMark, servesLocalhost } from './configuration.js'
import { forgetStaleUdp } from './conntrack.js'
import { parseDuration } from './goDuration.js'
import { serviceHealth } from './httpAnswers.js'
import { formatDuration } from './nftables/duration.js'
import type { ProxyNode } from './node.js'
import { nodePortAddressesOf } from './nodePortAddresses.js'
import { clusterProxyConfiguration, readProxyConfiguration } from './readConfiguration.js'
import { servicePortsOf } from './services.js'

const NODE: ProxyNode = {
  name: 'node1',
  zone: '',
  primary: { IPv4: '172.18.0.11', IPv6: '::1' },
  addresses: ['127.0.0.1', '::1', '172.18.0.11', '10.244.1.1'],
  podCIDRs: ['10.244.1.0/24'],
}

describe('KubeProxyConfiguration', () => {
  it('[PX40] without clusterCIDR has no local detector', () => {
    const { configuration, errors } = readProxyConfiguration({ mode: 'iptables' })
    expect(errors).toEqual([])
    expect(localDetectorOf(configuration, 'IPv4', [])).toBeUndefined()
  })

  it('[PX41] reads the section of its mode', () => {
    const { configuration } = readProxyConfiguration({
      mode: 'nftables',
      clusterCIDR: '10.244.0.0/16,fd00::/48',
      nftables: { masqueradeAll: true, masqueradeBit: 3, minSyncPeriod: '2s' },
      iptables: { masqueradeAll: false },
    })
    expect(configuration).toMatchObject({ mode: 'nftables', masqueradeAll: true, masqueradeBit: 3, minSyncPeriod: 2_000_000 })
    expect(localDetectorOf(configuration, 'IPv6', [])).toEqual({ kind: 'source', block: 'fd00::/48' })
    expect(masqueradeMark(configuration)).toBe('0x8')
  })

  it('[PX42] names what it cannot use', () => {
    const { errors } = readProxyConfiguration({
      mode: 'fast',
      clusterCIDR: 'nonsense',
      iptables: { masqueradeAll: 'yes', syncPeriod: 'soon' },
    })
    // A value of the wrong type ends kube-proxy before it looks at any other.
    expect(errors).toEqual([
      'json: cannot unmarshal string into Go struct field KubeProxyIPTablesConfiguration.iptables.masqueradeAll of type bool',
    ])
  })

  it('[PX43] of a cluster without a document is kubeadm’s', () => {
    expect(clusterProxyConfiguration(undefined, undefined, '10.244.0.0/16').configuration).toEqual(DEFAULT_PROXY_CONFIGURATION)
    expect(clusterProxyConfiguration({ mode: 'iptables' }, 'nftables', '').configuration.mode).toBe('nftables')
  })

  it('[PX44] serves NodePorts on loopback only where its addresses include it', () => {
    const at = (nodePortAddresses: readonly string[]): boolean =>
      servesLocalhost({ ...DEFAULT_PROXY_CONFIGURATION, nodePortAddresses })
    expect([at([]), at(['0.0.0.0/0']), at(['127.0.0.0/8']), at(['172.18.0.0/16']), at(['primary'])]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('[PX45] picks the Node’s addresses for NodePorts', () => {
    const of = (nodePortAddresses: readonly string[]) =>
      nodePortAddressesOf({ ...DEFAULT_PROXY_CONFIGURATION, nodePortAddresses }, 'IPv4', NODE)
    expect(of([])).toBeUndefined()
    expect(of(['primary'])).toEqual(['172.18.0.11'])
    expect(of(['10.244.0.0/16', '172.18.0.0/16'])).toEqual(['10.244.1.1', '172.18.0.11'])
    expect(of(['192.0.2.0/24'])).toEqual([])
  })
})

describe('small forms', () => {
  it('[PX46] durations', () => {
    expect(['30s', '1m30s', '500ms', '0', 'x'].map(parseDuration)).toEqual([30_000_000, 90_000_000, 500_000, 0, undefined])
    expect([10_800, 600, 90, 90_061, 0].map((seconds) => formatDuration(seconds * 1_000))).toEqual([
      '3h',
      '10m',
      '1m30s',
      '1d1h1m1s',
      '0s',
    ])
  })

  it('[PX47] health checks answer as the real ones', () => {
    const { status, headers, body } = serviceHealth(
      { service: 'default/web', family: 'IPv4', port: 32_000, localEndpoints: 1 },
      true,
    )
    expect(status).toBe(200)
    expect(headers).toEqual({
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': '1',
    })
    expect(serviceHealth({ service: 'default/web', family: 'IPv4', port: 32_000, localEndpoints: 1 }, false).status).toBe(503)
    expect(serviceHealth({ service: 'default/web', family: 'IPv4', port: 32_000, localEndpoints: 0 }, true).status).toBe(503)
    expect(body).toBe(
      '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}',
    )
  })

  it('[PX48] Services that kube-proxy leaves alone', () => {
    const ports = [{ port: 80 }]
    const of = (spec: object, labels = {}) =>
      servicePortsOf(
        { metadata: { name: 'a', namespace: 'default', labels }, spec: { clusterIP: '10.96.0.9', ports, ...spec } },
        'IPv4',
      )
    expect(of({})).toHaveLength(1)
    expect(of({ clusterIP: 'None' })).toEqual([])
    expect(of({ type: 'ExternalName' })).toEqual([])
    expect(of({}, { 'service.kubernetes.io/service-proxy-name': 'other' })).toEqual([])
    expect(of({}, { 'service.kubernetes.io/headless': '' })).toHaveLength(1)
    expect(of({ clusterIP: 'fd00::9' })).toEqual([])
  })
})

describe('stale UDP connections', () => {
  it('[PX49] are forgotten when their endpoint no longer serves', () => {
    const net = createNetState()
    const entry = (to: string) => ({
      original: { proto: 'udp' as const, src: '10.244.1.9', sport: 1_000, dst: '10.96.0.10', dport: 53 },
      reply: { proto: 'udp' as const, src: to, sport: 53, dst: '10.244.1.9', dport: 1_000 },
      replied: true,
      assured: false,
      dnat: true,
      snat: false,
      mark: 0,
      state: '',
      expires: 1_000_000,
    })
    const gone = entry('10.244.1.2')
    holdConnection(net, 'node1', gone)
    const services = (ip: string) => [
      {
        key: 'kube-system/kube-dns',
        service: {
          metadata: { name: 'kube-dns', namespace: 'kube-system' },
          spec: { clusterIP: '10.96.0.10', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
        },
        slices: [
          {
            addressType: 'IPv4',
            metadata: { name: 'a' },
            ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
            endpoints: [{ addresses: [ip] }],
          },
        ],
      },
    ]
    expect(forgetStaleUdp(net, 'node1', services('10.244.1.2'), 'IPv4')).toBe(0)
    expect(forgetStaleUdp(net, 'node1', services('10.244.2.2'), 'IPv4')).toBe(1)
    expect(net.conntrack.get('node1')?.size).toBe(0)
  })
})
