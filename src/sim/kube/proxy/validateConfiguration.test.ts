import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from './goDuration.js'
import { clusterProxyConfiguration, readProxyConfiguration } from './readConfiguration.js'

type Document = Readonly<Record<string, unknown>>

const VALID: readonly (readonly [string, Document])[] = [
  ['nothing at all', {}],
  ['mode ipvs with sections of others', { mode: 'ipvs', nftables: { masqueradeBit: 40 } }],
  ['an empty healthzBindAddress', { healthzBindAddress: '' }],
  ['an address without a port, which gets the usual one', { healthzBindAddress: '0.0.0.0', metricsBindAddress: '::1' }],
  ['IPv6', { bindAddress: '2001:db8::1', healthzBindAddress: '[::1]:10256', clusterCIDR: 'fd00:192:168:59::/64' }],
  ['a pair of CIDRs', { clusterCIDR: '192.168.59.0/24,fd00:192:168::/64' }],
  ['a CIDR that is none, for a detector that does not look at it', { detectLocalMode: 'NodeCIDR', clusterCIDR: 'x' }],
  ['an interface prefix', { detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'vethabcde' } }],
  ['a bridge', { detectLocalMode: 'BridgeInterface', detectLocal: { bridgeInterface: 'avz' } }],
  ['timeouts of 0', { conntrack: { tcpEstablishedTimeout: '0s', udpTimeout: '0s' }, ipvs: { tcpTimeout: '0s' } }],
  ['addresses for NodePorts', { nodePortAddresses: ['127.0.0.0/8', '::1/128'] }],
  ['the main address for NodePorts', { nodePortAddresses: ['primary'] }],
  ['port ranges', { portRange: '300-2000' }],
  ['a range by its size', { portRange: '300+20' }],
  ['the bits at both ends', { iptables: { masqueradeBit: 0 }, nftables: { masqueradeBit: 31 } }],
]

const PAIR = 'must be a either a single CIDR or dual-stack pair of CIDRs (e.g. [10.100.0.0/16, fde4:8dba:82e1::/48]'
const ONE_CIDR = 'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)'
const AT_LEAST_0 = 'must be greater than or equal to 0'
const CONNTRACK = 'KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration'

/** Document, field, and what kube-proxy says behind `KubeProxyConfiguration.`. */
const INVALID: readonly (readonly [Document, readonly (readonly [string, string])[]])[] = [
  [
    { mode: 'fast' },
    [
      [
        'mode',
        'Mode.ProxyMode: Invalid value: "fast": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
      ],
    ],
  ],
  [
    { mode: 'userspace' },
    [
      [
        'mode',
        'Mode.ProxyMode: Invalid value: "userspace": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
      ],
    ],
  ],
  [
    { iptables: { masqueradeBit: -10 } },
    [
      [
        'iptables.masqueradeBit',
        'KubeProxyIPTablesConfiguration.MasqueradeBit: Invalid value: -10: must be within the range [0, 31]',
      ],
    ],
  ],
  [
    { mode: 'nftables', nftables: { masqueradeBit: 32 } },
    [
      [
        'nftables.masqueradeBit',
        'KubeProxyNFTablesConfiguration.MasqueradeBit: Invalid value: 32: must be within the range [0, 31]',
      ],
    ],
  ],
  [
    { iptables: { syncPeriod: '-5s', minSyncPeriod: '2s' } },
    [
      ['iptables.syncPeriod', 'SyncPeriod: Invalid value: "-5s": must be greater than 0'],
      [
        'iptables.syncPeriod',
        'SyncPeriod: Invalid value: "2s": must be greater than or equal to KubeProxyConfiguration.MinSyncPeriod',
      ],
    ],
  ],
  [
    { mode: 'nftables', nftables: { minSyncPeriod: '-2s' } },
    [['nftables.minSyncPeriod', `MinSyncPeriod: Invalid value: "-2s": ${AT_LEAST_0}`]],
  ],
  [
    { mode: 'ipvs', ipvs: { syncPeriod: '1s', minSyncPeriod: '1m30s' } },
    [
      [
        'ipvs.syncPeriod',
        'SyncPeriod: Invalid value: "1m30s": must be greater than or equal to KubeProxyConfiguration.MinSyncPeriod',
      ],
    ],
  ],
  [{ configSyncPeriod: '-1s' }, [['configSyncPeriod', 'ConfigSyncPeriod: Invalid value: "-1s": must be greater than 0']]],
  [
    { bindAddress: '10.10.12.11:2000' },
    [['bindAddress', 'BindAddress: Invalid value: "10.10.12.11:2000": not a valid textual representation of an IP address']],
  ],
  [
    { healthzBindAddress: 'localhost:99999' },
    [
      ['healthzBindAddress', 'HealthzBindAddress: Invalid value: "localhost": must be a valid IP'],
      ['healthzBindAddress', 'HealthzBindAddress: Invalid value: "99999": must be a valid port'],
    ],
  ],
  [{ metricsBindAddress: 'here' }, [['metricsBindAddress', 'MetricsBindAddress: Invalid value: "here": must be IP:port']]],
  [
    { clusterCIDR: '192.168.59.0' },
    [['clusterCIDR', `DetectLocalConfiguration.ClusterCIDRs[0]: Invalid value: "192.168.59.0": ${ONE_CIDR}`]],
  ],
  [
    { clusterCIDR: '10.0.0.0/8, fd00::/48' },
    [['clusterCIDR', `DetectLocalConfiguration.ClusterCIDRs[1]: Invalid value: " fd00::/48": ${ONE_CIDR}`]],
  ],
  [
    { clusterCIDR: '10.100.0.0/16,192.168.0.0/16' },
    [['clusterCIDR', `DetectLocalConfiguration.ClusterCIDRs: Invalid value: ["10.100.0.0/16","192.168.0.0/16"]: ${PAIR}`]],
  ],
  [
    { clusterCIDR: '10.100.0.0/16,192.168.0.0/16,fd00::/48' },
    [
      [
        'clusterCIDR',
        `DetectLocalConfiguration.ClusterCIDRs: Invalid value: ["10.100.0.0/16","192.168.0.0/16","fd00::/48"]: ${PAIR}`,
      ],
    ],
  ],
  [
    { detectLocalMode: 'Guess' },
    [
      [
        'detectLocalMode',
        'DetectLocalMode: Unsupported value: "Guess": supported values: "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix", ""',
      ],
    ],
  ],
  [
    { detectLocalMode: 'BridgeInterface' },
    [['detectLocal.bridgeInterface', 'DetectLocalConfiguration.InterfaceName: Invalid value: "": must not be empty']],
  ],
  [
    { detectLocalMode: 'InterfaceNamePrefix' },
    [['detectLocal.interfaceNamePrefix', 'DetectLocalConfiguration.InterfacePrefix: Invalid value: "": must not be empty']],
  ],
  [
    { nodePortAddresses: ['1.2.3.4', '10.0.0.0/8'] },
    [['nodePortAddresses[0]', 'NodePortAddresses[0]: Invalid value: "1.2.3.4": must be a valid CIDR']],
  ],
  [
    { nodePortAddresses: ['10.0.0.0/8', 'primary'] },
    [['nodePortAddresses[1]', `NodePortAddresses[1]: Invalid value: "primary": can't use both 'primary' and CIDRs`]],
  ],
  [
    { conntrack: { maxPerCore: -1, min: -1, tcpEstablishedTimeout: '-5s', udpStreamTimeout: '-1s' }, oomScoreAdj: 1001 },
    [
      ['conntrack.maxPerCore', `${CONNTRACK}.MaxPerCore: Invalid value: -1: ${AT_LEAST_0}`],
      ['conntrack.min', `${CONNTRACK}.Min: Invalid value: -1: ${AT_LEAST_0}`],
      ['conntrack.tcpEstablishedTimeout', `${CONNTRACK}.TCPEstablishedTimeout: Invalid value: "-5s": ${AT_LEAST_0}`],
      ['conntrack.udpStreamTimeout', `${CONNTRACK}.UDPStreamTimeout: Invalid value: "-1s": ${AT_LEAST_0}`],
      ['oomScoreAdj', 'KubeProxyLinuxConfiguration.OOMScoreAdj: Invalid value: 1001: must be within the range [-1000, 1000]'],
    ],
  ],
  [
    { mode: 'ipvs', ipvs: { tcpFinTimeout: '-1s', excludeCIDRs: ['10.0.0.0/8', '172.18.0.1'] } },
    [
      ['ipvs.tcpFinTimeout', `KubeProxyIPVSConfiguration.TCPFinTimeout: Invalid value: "-1s": ${AT_LEAST_0}`],
      ['ipvs.excludeCIDRs[1]', 'KubeProxyIPVSConfiguration.ExcludeCidrs[1]: Invalid value: "172.18.0.1": must be a valid CIDR'],
    ],
  ],
  [{ clientConnection: { burst: -5 } }, [['clientConnection.burst', `ClientConnection.Burst: Invalid value: -5: ${AT_LEAST_0}`]]],
  [
    { portRange: '2000-300' },
    [['portRange', 'PortRange: Invalid value: "2000-300": must be a valid port range (e.g. 300-2000)']],
  ],
  [
    { logging: { format: 'unsupported format' } },
    [['logging.format', 'logging.format: Invalid value: "unsupported format": Unsupported log format']],
  ],
]

const MISTYPED: readonly (readonly [Document, string, string])[] = [
  [
    { iptables: { masqueradeAll: 'yes' } },
    'iptables.masqueradeAll',
    'json: cannot unmarshal string into Go struct field KubeProxyIPTablesConfiguration.iptables.masqueradeAll of type bool',
  ],
  [
    { iptables: { masqueradeBit: 1.5 } },
    'iptables.masqueradeBit',
    'json: cannot unmarshal number 1.5 into Go struct field KubeProxyIPTablesConfiguration.iptables.masqueradeBit of type int32',
  ],
  [
    { clusterCIDR: ['10.0.0.0/8'] },
    'clusterCIDR',
    'json: cannot unmarshal array into Go struct field KubeProxyConfiguration.clusterCIDR of type string',
  ],
  [
    { detectLocal: true },
    'detectLocal',
    'json: cannot unmarshal bool into Go struct field KubeProxyConfiguration.detectLocal of type DetectLocalConfiguration',
  ],
  [{ nftables: { syncPeriod: 'soon' } }, 'nftables.syncPeriod', 'time: invalid duration "soon"'],
  [{ nftables: { syncPeriod: '30' } }, 'nftables.syncPeriod', 'time: missing unit in duration "30"'],
  [{ configSyncPeriod: 30 }, 'configSyncPeriod', 'json: cannot unmarshal number into Go value of type string'],
]

describe('what kube-proxy says of its configuration', () => {
  it.each(VALID)('[PV1] takes %s', (_name, document) => {
    expect(readProxyConfiguration(document).errors).toEqual([])
  })

  it.each(INVALID)('[PV2] refuses %j', (document, faults) => {
    const wanted = faults.map(([field, message]) => ({ field, message: `KubeProxyConfiguration.${message}` }))
    expect(readProxyConfiguration(document).faults).toEqual(wanted)
  })

  it.each(MISTYPED)('[PV3] cannot read %j', (document, field, message) => {
    expect(readProxyConfiguration(document).faults).toEqual([{ field, message }])
  })

  it('[PV4] names what it takes but does not act upon, and what nobody knows', () => {
    const { errors, notSimulated } = readProxyConfiguration({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'iptables',
      featureGates: { SomeGate: true },
      hostnameOverride: 'elsewhere',
      conntrack: { maxPerCore: 32_768, tcpBeLiberal: true, min: null },
      ipvs: { scheduler: 'lc', strictARP: false },
      iptables: { masqueradeAll: true, colour: 'red' },
      udpIdleTimeout: '250ms',
      oomScoreAdj: -999,
      enableProfiling: false,
    })
    expect(errors).toEqual([])
    expect(notSimulated).toEqual([
      'featureGates',
      'conntrack.maxPerCore',
      'ipvs.scheduler',
      'iptables.colour (unknown field)',
      'udpIdleTimeout (unknown field)',
      'oomScoreAdj',
    ])
  })

  it('[PV5] gives each mode its own periods, and IPv6 its own addresses', () => {
    const of = (document: Document) => readProxyConfiguration(document).configuration
    expect(of({})).toMatchObject({ minSyncPeriod: 1_000_000, syncPeriod: 30_000_000, healthzBindAddress: '0.0.0.0:10256' })
    expect(of({ mode: 'ipvs' })).toMatchObject({ minSyncPeriod: 0, syncPeriod: 30_000_000 })
    expect(of({ mode: 'nftables', nftables: { minSyncPeriod: '10s' }, iptables: { minSyncPeriod: '2s' } }).minSyncPeriod).toBe(
      10_000_000,
    )
    expect(of({ bindAddress: '::' })).toMatchObject({ healthzBindAddress: '[::]:10256', metricsBindAddress: '[::1]:10249' })
    expect(of({ healthzBindAddress: '10.0.0.1', metricsBindAddress: '0.0.0.0:9000' })).toMatchObject({
      healthzBindAddress: '10.0.0.1:10256',
      metricsBindAddress: '0.0.0.0:9000',
    })
    expect(clusterProxyConfiguration(undefined, undefined, 'fd00:10:244::/56').configuration).toMatchObject({
      bindAddress: '::',
      clusterCIDRs: ['fd00:10:244::/56'],
    })
  })

  it('[PV6] writes durations as Go does', () => {
    const texts = ['0s', '5s', '1m30s', '1h0m0s', '500ms', '1.5s', '-5s', '24h0m0s']
    expect(texts.map((text) => formatDuration(parseDuration(text) ?? Number.NaN))).toEqual(texts)
  })
})
