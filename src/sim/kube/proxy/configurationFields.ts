/** What a field of the document holds, in Go's words where a value does not fit. */
export type FieldType = 'string' | 'bool' | 'int32' | 'float32' | 'duration' | 'strings' | 'map' | 'any'

interface Section {
  /** Name of the Go type, as messages about a wrong type have it. */
  readonly struct: string
  readonly fields: Readonly<Record<string, FieldType>>
}

/**
 * The fields of `KubeProxyConfiguration`, by section; `''` is the document itself.
 *
 * Source: kubernetes staging kube-proxy config/v1alpha1/types.go, component-base config/v1alpha1/types.go
 */
export const SECTIONS: Readonly<Record<string, Section>> = {
  '': {
    struct: 'KubeProxyConfiguration',
    fields: {
      apiVersion: 'string',
      kind: 'string',
      featureGates: 'map',
      hostnameOverride: 'string',
      bindAddress: 'string',
      healthzBindAddress: 'string',
      metricsBindAddress: 'string',
      bindAddressHardFail: 'bool',
      enableProfiling: 'bool',
      showHiddenMetricsForVersion: 'string',
      mode: 'string',
      detectLocalMode: 'string',
      clusterCIDR: 'string',
      nodePortAddresses: 'strings',
      oomScoreAdj: 'int32',
      configSyncPeriod: 'duration',
      portRange: 'string',
      windowsRunAsService: 'bool',
    },
  },
  clientConnection: {
    struct: 'ClientConnectionConfiguration',
    fields: { kubeconfig: 'string', acceptContentTypes: 'string', contentType: 'string', qps: 'float32', burst: 'int32' },
  },
  logging: {
    struct: 'LoggingConfiguration',
    fields: { format: 'string', flushFrequency: 'any', verbosity: 'any', vmodule: 'any', options: 'any' },
  },
  iptables: {
    struct: 'KubeProxyIPTablesConfiguration',
    fields: {
      masqueradeBit: 'int32',
      masqueradeAll: 'bool',
      localhostNodePorts: 'bool',
      syncPeriod: 'duration',
      minSyncPeriod: 'duration',
    },
  },
  ipvs: {
    struct: 'KubeProxyIPVSConfiguration',
    fields: {
      syncPeriod: 'duration',
      minSyncPeriod: 'duration',
      scheduler: 'string',
      excludeCIDRs: 'strings',
      strictARP: 'bool',
      tcpTimeout: 'duration',
      tcpFinTimeout: 'duration',
      udpTimeout: 'duration',
    },
  },
  nftables: {
    struct: 'KubeProxyNFTablesConfiguration',
    fields: { masqueradeBit: 'int32', masqueradeAll: 'bool', syncPeriod: 'duration', minSyncPeriod: 'duration' },
  },
  winkernel: {
    struct: 'KubeProxyWinkernelConfiguration',
    fields: {
      networkName: 'string',
      sourceVip: 'string',
      enableDSR: 'bool',
      rootHnsEndpointName: 'string',
      forwardHealthCheckVip: 'bool',
    },
  },
  detectLocal: {
    struct: 'DetectLocalConfiguration',
    fields: { bridgeInterface: 'string', interfaceNamePrefix: 'string' },
  },
  conntrack: {
    struct: 'KubeProxyConntrackConfiguration',
    fields: {
      maxPerCore: 'int32',
      min: 'int32',
      tcpEstablishedTimeout: 'duration',
      tcpCloseWaitTimeout: 'duration',
      tcpBeLiberal: 'bool',
      udpTimeout: 'duration',
      udpStreamTimeout: 'duration',
    },
  },
}

/** Fields that decide about something here, as `field` or `section.field`; every other one is accepted and named as not simulated. */
export const EFFECTIVE: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'hostnameOverride',
  'bindAddress',
  'healthzBindAddress',
  'metricsBindAddress',
  'clientConnection.kubeconfig',
  'mode',
  'detectLocalMode',
  'clusterCIDR',
  'nodePortAddresses',
  ...['bridgeInterface', 'interfaceNamePrefix'].map((field) => `detectLocal.${field}`),
  ...Object.keys(SECTIONS['iptables']?.fields ?? {}).map((field) => `iptables.${field}`),
  ...Object.keys(SECTIONS['nftables']?.fields ?? {}).map((field) => `nftables.${field}`),
  ...['tcpBeLiberal', 'tcpEstablishedTimeout', 'udpTimeout', 'udpStreamTimeout'].map((field) => `conntrack.${field}`),
])
