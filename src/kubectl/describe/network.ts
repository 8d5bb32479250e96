import type { EndpointSlice, IngressBackend, NetworkPolicyPeer, NetworkPolicyPort } from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { formatLabelSelector, formatLabels, joinHostPort, listWithMore, loadBalancerText } from '../../sim/index.js'
import { goTime } from '../text/duration.js'
import type { DescribeContext } from './common.js'
import { writeAnnotations, writeEvents, writeHead, writeLabels } from './common.js'
import type { DescribeWriter } from './writer.js'

const SERVICE_NAME = 'kubernetes.io/service-name'

/** Source: kubernetes kubectl pkg/describe/describe.go describeService */
export function describeService(service: StoredOf<'services'>, context: DescribeContext, w: DescribeWriter): void {
  const { spec, status } = service
  writeHead(w, service.metadata)
  w.line(0, `Selector:\t${formatLabels(spec?.selector)}`)
  w.line(0, `Type:\t${spec?.type ?? ''}`)
  if (spec?.ipFamilyPolicy !== undefined) w.line(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`)
  const families = spec?.ipFamilies ?? []
  w.line(0, `IP Families:\t${families.length === 0 ? '<none>' : families.join(',')}`)
  w.line(0, `IP:\t${spec?.clusterIP ?? ''}`)
  const addresses = spec?.clusterIPs ?? []
  w.line(0, `IPs:\t${addresses.length === 0 ? '<none>' : addresses.join(',')}`)
  const external = spec?.externalIPs ?? []
  if (external.length > 0) w.line(0, `External IPs:\t${external.join(',')}`)
  if (spec?.loadBalancerIP !== undefined) w.line(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`)
  if (spec?.externalName !== undefined) w.line(0, `External Name:\t${spec.externalName}`)
  const given = status?.loadBalancer?.ingress ?? []
  if (given.length > 0) {
    const texts = given.map(({ ip, ipMode, hostname }) =>
      ip === undefined ? (hostname ?? '') : ipMode === undefined ? ip : `${ip} (${ipMode})`,
    )
    w.line(0, `LoadBalancer Ingress:\t${texts.join(', ')}`)
  }
  const slices = slicesOf(service.metadata.namespace ?? '', service.metadata.name, context)
  for (const port of spec?.ports ?? []) {
    const name = port.name === undefined || port.name === '' ? '<unset>' : port.name
    const protocol = port.protocol ?? 'TCP'
    w.line(0, `Port:\t${name}\t${port.port}/${protocol}`)
    w.line(0, `TargetPort:\t${port.targetPort ?? port.port}/${protocol}`)
    if (port.appProtocol !== undefined) w.line(0, `AppProtocol:\t${port.appProtocol}`)
    if (port.nodePort !== undefined && port.nodePort !== 0) w.line(0, `NodePort:\t${name}\t${port.nodePort}/${protocol}`)
    w.line(0, `Endpoints:\t${slicesText(slices, port.name ?? '')}`)
  }
  w.line(0, `Session Affinity:\t${spec?.sessionAffinity ?? ''}`)
  if (spec?.externalTrafficPolicy !== undefined) w.line(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`)
  if (spec?.internalTrafficPolicy !== undefined) w.line(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`)
  if (spec?.healthCheckNodePort !== undefined) w.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`)
  const ranges = spec?.loadBalancerSourceRanges ?? []
  if (ranges.length > 0) w.line(0, `LoadBalancer Source Ranges:\t${ranges.join(',')}`)
  if (spec?.trafficDistribution !== undefined) w.line(0, `Traffic Distribution:\t${spec.trafficDistribution}`)
  writeEvents(w, context, service)
}

function slicesOf(namespace: string, service: string, { api }: DescribeContext): readonly EndpointSlice[] {
  const listed = api.list('endpointslices', { namespace, labelSelector: `${SERVICE_NAME}=${service}` })
  return listed.ok ? listed.value : []
}

/** Ready endpoints of one port, three at most. Source: kubernetes kubectl pkg/describe/describe.go formatEndpointSlices */
function slicesText(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>'
  const all = slices.flatMap(({ ports, endpoints }) => {
    if (ports === undefined || ports.length === 0) return (endpoints ?? []).map((each) => each.addresses?.[0] ?? '')
    return ports
      .filter((port) => (port.name ?? '') === portName)
      .flatMap((port) =>
        (endpoints ?? [])
          .filter((each) => each.conditions?.ready !== false)
          .map((each) => joinHostPort(each.addresses?.[0] ?? '', port.port ?? 0)),
      )
  })
  return listWithMore(all)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeEndpoints */
export function describeEndpoints(endpoints: StoredOf<'endpoints'>, context: DescribeContext, w: DescribeWriter): void {
  writeHead(w, endpoints.metadata)
  w.line(0, 'Subsets:')
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of endpoints.subsets ?? []) {
    const list = (all: readonly { readonly ip: string }[]): string =>
      all.length === 0 ? '<none>' : all.map((each) => each.ip).join(',')
    w.line(1, `Addresses:\t${list(addresses)}`)
    w.line(1, `NotReadyAddresses:\t${list(notReadyAddresses)}`)
    if (ports.length > 0) w.line(1, 'Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------')
    for (const { name = '<unset>', port, protocol = 'TCP' } of ports) w.line(2, `${name}\t${port}\t${protocol}`)
    w.line(0, '')
  }
  writeEvents(w, context, endpoints)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeEndpointSliceV1 */
export function describeEndpointSlice(slice: StoredOf<'endpointslices'>, context: DescribeContext, w: DescribeWriter): void {
  writeHead(w, slice.metadata)
  w.line(0, `AddressType:\t${slice.addressType}`)
  const ports = slice.ports ?? []
  w.line(0, ports.length === 0 ? 'Ports: <unset>' : 'Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------')
  for (const { name, port, protocol = 'TCP' } of ports) {
    w.line(1, `${name === undefined || name === '' ? '<unset>' : name}\t${port ?? '<unset>'}\t${protocol}`)
  }
  const endpoints = slice.endpoints ?? []
  w.line(0, endpoints.length === 0 ? 'Endpoints: <none>' : 'Endpoints:')
  for (const endpoint of endpoints) {
    const addresses = (endpoint.addresses ?? []).join(', ')
    w.line(1, `- Addresses:\t${addresses === '' ? '<none>' : addresses}`)
    w.line(2, 'Conditions:')
    w.line(3, `Ready:\t${endpoint.conditions?.ready ?? '<unset>'}`)
    w.line(2, `Hostname:\t${endpoint.hostname ?? '<unset>'}`)
    if (endpoint.targetRef !== undefined)
      w.line(2, `TargetRef:\t${endpoint.targetRef.kind ?? ''}/${endpoint.targetRef.name ?? ''}`)
    w.line(2, `NodeName:\t${endpoint.nodeName ?? '<unset>'}`)
    w.line(2, `Zone:\t${endpoint.zone ?? '<unset>'}`)
  }
  writeEvents(w, context, slice)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeIngressV1 */
export function describeIngress(ingress: StoredOf<'ingresses'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = ingress
  const namespace = metadata.namespace ?? ''
  w.line(0, `Name:\t${metadata.name}`)
  writeLabels(w, 'Labels', metadata.labels)
  w.line(0, `Namespace:\t${namespace}`)
  w.line(0, `Address:\t${loadBalancerText(status?.loadBalancer)}`)
  w.line(0, `Ingress Class:\t${spec?.ingressClassName ?? '<none>'}`)
  const fallback = spec?.defaultBackend === undefined ? '<default>' : backendText(spec.defaultBackend, namespace, context)
  w.line(0, `Default backend:\t${fallback}`)
  const tls = spec?.tls ?? []
  if (tls.length > 0) w.line(0, 'TLS:')
  for (const { secretName, hosts = [] } of tls) {
    w.line(1, secretName === undefined ? `SNI routes ${hosts.join(',')}` : `${secretName} terminates ${hosts.join(',')}`)
  }
  w.line(0, 'Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------')
  const rules = (spec?.rules ?? []).filter((rule) => rule.http !== undefined)
  for (const { host = '', http } of rules) {
    w.line(1, `${host === '' ? '*' : host}\t`)
    for (const { path = '', backend } of http?.paths ?? []) w.line(2, `\t${path} \t${backendText(backend, namespace, context)}`)
  }
  if (rules.length === 0) w.line(1, `*\t*\t${fallback}`)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  writeEvents(w, context, ingress)
}

function backendText({ service, resource }: IngressBackend, namespace: string, context: DescribeContext): string {
  if (service !== undefined) {
    const { name, port } = service
    const title = `${name}:${port?.name ?? port?.number ?? ''}`
    const found = context.api.get('services', `${namespace}/${name}`)
    if (!found.ok) return `${title} (<error: ${found.error.message}>)`
    const named = (found.value.spec?.ports ?? []).find(
      (each) => each.port === port?.number || (each.name !== undefined && each.name === port?.name),
    )
    return `${title} (${slicesText(slicesOf(namespace, name, context), named?.name ?? '')})`
  }
  if (resource === undefined) return ''
  return `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}`
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeNetworkPolicy */
export function describeNetworkPolicy(policy: StoredOf<'networkpolicies'>, _context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec } = policy
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `Created on:\t${goTime(metadata.creationTimestamp)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  const selected = formatLabelSelector(spec?.podSelector)
  const everything = '<none> (Allowing the specific traffic to all pods in this namespace)'
  w.line(0, 'Spec:')
  w.line(1, `PodSelector:     ${selected === '<none>' ? everything : selected}`)
  const types = spec?.policyTypes ?? []
  if (types.includes('Ingress')) {
    w.line(1, 'Allowing ingress traffic:')
    const rules = (spec?.ingress ?? []).map(({ ports, from }) => ({ ports, peers: from }))
    writePolicyRules(w, rules, { word: 'From', way: 'ingress', end: 'source' })
  } else {
    w.line(1, 'Not affecting ingress traffic')
  }
  if (types.includes('Egress')) {
    w.line(1, 'Allowing egress traffic:')
    const rules = (spec?.egress ?? []).map(({ ports, to }) => ({ ports, peers: to }))
    writePolicyRules(w, rules, { word: 'To', way: 'egress', end: 'destination' })
  } else {
    w.line(1, 'Not affecting egress traffic')
  }
  w.line(1, `Policy Types: ${types.join(', ')}`)
}

interface PolicyRule {
  readonly ports: readonly NetworkPolicyPort[] | undefined
  readonly peers: readonly NetworkPolicyPeer[] | undefined
}

interface PolicyWords {
  readonly word: string
  readonly way: string
  readonly end: string
}

function writePolicyRules(w: DescribeWriter, rules: readonly PolicyRule[], words: PolicyWords): void {
  const indent = '    '
  if (rules.length === 0) w.line(0, `${indent}<none> (Selected pods are isolated for ${words.way} connectivity)`)
  for (const [index, { ports = [], peers = [] }] of rules.entries()) {
    if (ports.length === 0) w.line(0, `${indent}To Port: <any> (traffic allowed to all ports)`)
    for (const { port, endPort, protocol = 'TCP' } of ports) {
      const range = endPort === undefined ? `To Port: ${port ?? '<nil>'}` : `To Port Range: ${port ?? '<nil>'}-${endPort}`
      w.line(0, `${indent}${range}/${protocol}`)
    }
    if (peers.length === 0) w.line(0, `${indent}${words.word}: <any> (traffic not restricted by ${words.end})`)
    for (const peer of peers) {
      w.line(0, `${indent}${words.word}:`)
      writePeer(w, peer, indent)
    }
    if (index < rules.length - 1) w.line(0, `${indent}----------`)
  }
}

function writePeer(w: DescribeWriter, { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, indent: string): void {
  if (namespaceSelector !== undefined) w.line(1, `${indent}NamespaceSelector: ${formatLabelSelector(namespaceSelector)}`)
  if (podSelector !== undefined) w.line(1, `${indent}PodSelector: ${formatLabelSelector(podSelector)}`)
  if (namespaceSelector === undefined && podSelector === undefined && ipBlock !== undefined) {
    w.line(1, `${indent}IPBlock:`)
    w.line(2, `${indent}CIDR: ${ipBlock.cidr}`)
    w.line(2, `${indent}Except: ${(ipBlock.except ?? []).join(', ')}`)
  }
}
