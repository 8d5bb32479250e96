import { parse } from 'yaml'
import type { ProxyConfiguration } from './configuration.js'
import { formatDuration } from './goDuration.js'
import type { ReadConfiguration } from './readConfiguration.js'
import { readProxyConfiguration } from './readConfiguration.js'

/** Where kubeadm keeps what every kube-proxy reads when it starts. */
export const PROXY_CONFIG_MAP = 'kube-system/kube-proxy'
const CONFIG_KEY = 'config.conf'
const DAY = 86_400_000_000
const HEALTHZ_DEFAULTS = ['0.0.0.0:10256', '[::]:10256']
const METRICS_DEFAULTS = ['127.0.0.1:10249', '[::1]:10249']

/**
 * The ConfigMap as kubeadm writes it.
 *
 * Source: kubernetes cmd/kubeadm/app/phases/addons/proxy/manifests.go KubeProxyConfigMap19; pkg/proxy/apis/config/v1alpha1
 */
export function proxyConfigMap(configuration: ProxyConfiguration, apiServer: string): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-proxy', namespace: 'kube-system', labels: { app: 'kube-proxy' } },
    data: { [CONFIG_KEY]: configurationText(configuration), 'kubeconfig.conf': kubeconfig(apiServer) },
  }
}

/** The document as kubeadm prints it: every field, in the order of its name. */
function configurationText(configuration: ProxyConfiguration): string {
  const isNft = configuration.mode === 'nftables'
  const quoted = (text: string): string => (/^$|^[:[]/.test(text) ? JSON.stringify(text) : text)
  const unlessDefault = (text: string, defaults: readonly string[]): string => quoted(defaults.includes(text) ? '' : text)
  const addresses = configuration.nodePortAddresses
  const { tcpEstablished, udp, udpStream } = configuration.conntrackTimeouts
  /** The section of the mode in use has the cluster's settings; the other one kube-proxy's own. */
  const section = (inUse: boolean): readonly string[] => [
    `  masqueradeAll: ${inUse && configuration.masqueradeAll}`,
    `  masqueradeBit: ${inUse ? configuration.masqueradeBit : 'null'}`,
    `  minSyncPeriod: ${inUse ? formatDuration(configuration.minSyncPeriod) : '0s'}`,
    `  syncPeriod: ${inUse ? formatDuration(configuration.syncPeriod) : '0s'}`,
  ]
  return [
    'apiVersion: kubeproxy.config.k8s.io/v1alpha1',
    `bindAddress: ${quoted(configuration.bindAddress)}`,
    'bindAddressHardFail: false',
    'clientConnection:',
    '  acceptContentTypes: ""',
    '  burst: 0',
    '  contentType: ""',
    '  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf',
    '  qps: 0',
    `clusterCIDR: ${quoted(configuration.clusterCIDRs.join(','))}`,
    'configSyncPeriod: 0s',
    'conntrack:',
    '  maxPerCore: null',
    '  min: null',
    `  tcpBeLiberal: ${configuration.conntrackTcpBeLiberal}`,
    '  tcpCloseWaitTimeout: null',
    `  tcpEstablishedTimeout: ${tcpEstablished === DAY ? 'null' : formatDuration(tcpEstablished)}`,
    `  udpStreamTimeout: ${formatDuration(udpStream)}`,
    `  udpTimeout: ${formatDuration(udp)}`,
    'detectLocal:',
    `  bridgeInterface: ${quoted(configuration.bridgeInterface)}`,
    `  interfaceNamePrefix: ${quoted(configuration.interfaceNamePrefix)}`,
    `detectLocalMode: ${quoted(configuration.detectLocalMode === 'ClusterCIDR' ? '' : configuration.detectLocalMode)}`,
    'enableProfiling: false',
    `healthzBindAddress: ${unlessDefault(configuration.healthzBindAddress, HEALTHZ_DEFAULTS)}`,
    `hostnameOverride: ${quoted(configuration.hostnameOverride)}`,
    'iptables:',
    `  localhostNodePorts: ${configuration.localhostNodePorts ? 'null' : 'false'}`,
    ...section(!isNft),
    'ipvs:',
    '  excludeCIDRs: null',
    `  minSyncPeriod: ${configuration.mode === 'ipvs' ? formatDuration(configuration.minSyncPeriod) : '0s'}`,
    '  scheduler: ""',
    '  strictARP: false',
    `  syncPeriod: ${configuration.mode === 'ipvs' ? formatDuration(configuration.syncPeriod) : '0s'}`,
    '  tcpFinTimeout: 0s',
    '  tcpTimeout: 0s',
    '  udpTimeout: 0s',
    'kind: KubeProxyConfiguration',
    'logging:',
    '  flushFrequency: 0',
    '  options:',
    '    json:',
    '      infoBufferSize: "0"',
    '    text:',
    '      infoBufferSize: "0"',
    '  verbosity: 0',
    `metricsBindAddress: ${unlessDefault(configuration.metricsBindAddress, METRICS_DEFAULTS)}`,
    `mode: ${configuration.mode}`,
    'nftables:',
    ...section(isNft),
    ...(addresses.length === 0
      ? ['nodePortAddresses: null']
      : ['nodePortAddresses:', ...addresses.map((each) => `- ${JSON.stringify(each)}`)]),
    'oomScoreAdj: null',
    'portRange: ""',
    'showHiddenMetricsForVersion: ""',
    'winkernel:',
    '  enableDSR: false',
    '  forwardHealthCheckVip: false',
    '  networkName: ""',
    '  rootHnsEndpointName: ""',
    '  sourceVip: ""',
  ].join('\n')
}

function kubeconfig(apiServer: string): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- cluster:',
    '    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
    `    server: ${apiServer}`,
    '  name: default',
    'contexts:',
    '- context:',
    '    cluster: default',
    '    namespace: default',
    '    user: default',
    '  name: default',
    'current-context: default',
    'users:',
    '- name: default',
    '  user:',
    '    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token',
  ].join('\n')
}

/** What a kube-proxy reads from its ConfigMap when it starts; errors are those that it ends with. */
export function readProxyConfigMap(data: Readonly<Record<string, string | undefined>> | undefined): ReadConfiguration | string {
  const text = data?.[CONFIG_KEY]
  if (text === undefined) return 'open /var/lib/kube-proxy/config.conf: no such file or directory'
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    return `couldn't parse config file: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return 'failed complete: no kind "" is registered'
  const read = readProxyConfiguration(document as Readonly<Record<string, unknown>>)
  if (read.errors.length === 0) return read
  const stage = read.errors[0]?.startsWith('KubeProxyConfiguration.') === true ? 'failed validate' : 'failed complete'
  return `${stage}: ${read.errors.length === 1 ? read.errors[0] : `[${read.errors.join(', ')}]`}`
}
