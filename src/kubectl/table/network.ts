import type {
  EndpointSlice,
  Endpoints,
  Ingress,
  IngressClass,
  LoadBalancerStatus,
  NetworkPolicy,
  Service,
} from '../../generated/kubeTypes.js'
import { byCodeUnit } from '../../sim/index.js'
import { ageOf } from '../text/duration.js'
import { formatLabelSelector, formatLabels } from './selectors.js'
import type { TableKind } from './tableKind.js'
import { columns } from './tableKind.js'

/** A load balancer's addresses are cut to this width unless `-o wide`. */
const LOAD_BALANCER_WIDTH = 16
/** At most so many addresses, ports or hosts stand in one cell. */
const MAX_LISTED = 3

export const serviceTable: TableKind<Service> = {
  columns: columns('Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', 'Selector*'),
  row: (service, { now, wide }) => {
    const { metadata, spec } = service
    const ports = (spec?.ports ?? []).map((port) => {
      const nodePort = port.nodePort === undefined || port.nodePort === 0 ? '' : `:${port.nodePort}`
      return `${port.port}${nodePort}/${port.protocol ?? 'TCP'}`
    })
    return [
      metadata?.name ?? '',
      spec?.type ?? 'ClusterIP',
      spec?.clusterIPs?.[0] ?? '<none>',
      externalAddress(service, wide),
      ports.length === 0 ? '<none>' : ports.join(','),
      ageOf(metadata?.creationTimestamp, now),
      formatLabels(spec?.selector),
    ]
  },
}

function externalAddress({ spec, status }: Service, wide: boolean): string {
  const external = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'LoadBalancer': {
      const given = loadBalancerText(status?.loadBalancer, wide)
      const all = [...(given === '' ? [] : given.split(',')), ...external]
      return all.length > 0 ? all.join(',') : '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return external.length > 0 ? external.join(',') : '<none>'
  }
}

export function loadBalancerText(status: LoadBalancerStatus | undefined, wide: boolean): string {
  const names = (status?.ingress ?? []).map((each) => each.ip ?? each.hostname ?? '').filter((each) => each !== '')
  const text = [...new Set(names)].sort(byCodeUnit).join(',')
  return !wide && text.length > LOAD_BALANCER_WIDTH ? `${text.slice(0, LOAD_BALANCER_WIDTH - 3)}...` : text
}

export const endpointsTable: TableKind<Endpoints> = {
  columns: columns('Name', 'Endpoints', 'Age'),
  row: (endpoints, { now }) => [
    endpoints.metadata?.name ?? '',
    endpointsText(endpoints),
    ageOf(endpoints.metadata?.creationTimestamp, now),
  ],
}

function endpointsText({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap(({ ports = [], addresses = [] }) =>
    ports.length === 0
      ? addresses.map((each) => each.ip)
      : ports.flatMap((port) => addresses.map((each) => joinHostPort(each.ip, port.port))),
  )
  return listWithMore(all)
}

export function joinHostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

export function listWithMore(all: readonly string[]): string {
  const text = all.slice(0, MAX_LISTED).join(',')
  return all.length > MAX_LISTED ? `${text} + ${all.length - MAX_LISTED} more...` : text
}

export const endpointSliceTable: TableKind<EndpointSlice> = {
  columns: columns('Name', 'AddressType', 'Ports', 'Endpoints', 'Age'),
  row: ({ metadata, addressType, ports, endpoints }, { now }) => [
    metadata?.name ?? '',
    addressType,
    unsetIfEmpty(listWithMore((ports ?? []).map((port) => String(port.port ?? port.name ?? '*')))),
    unsetIfEmpty(listWithMore((endpoints ?? []).flatMap((each) => each.addresses ?? []))),
    ageOf(metadata?.creationTimestamp, now),
  ],
}

function unsetIfEmpty(text: string): string {
  return text === '' ? '<unset>' : text
}

export const ingressTable: TableKind<Ingress> = {
  columns: columns('Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age'),
  row: ({ metadata, spec, status }, { now, wide }) => {
    const hosts = (spec?.rules ?? []).map((rule) => rule.host ?? '').filter((host) => host !== '')
    return [
      metadata?.name ?? '',
      spec?.ingressClassName ?? '<none>',
      hosts.length === 0 ? '*' : listWithMore(hosts),
      loadBalancerText(status?.loadBalancer, wide),
      (spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      ageOf(metadata?.creationTimestamp, now),
    ]
  },
}

export const ingressClassTable: TableKind<IngressClass> = {
  columns: columns('Name', 'Controller', 'Parameters', 'Age'),
  row: ({ metadata, spec }, { now }) => {
    const parameters = spec?.parameters
    const group = parameters?.apiGroup === undefined ? '' : `.${parameters.apiGroup}`
    const text = parameters === undefined ? '<none>' : `${parameters.kind}${group}/${parameters.name}`
    return [metadata?.name ?? '', spec?.controller ?? '', text, ageOf(metadata?.creationTimestamp, now)]
  },
}

export const networkPolicyTable: TableKind<NetworkPolicy> = {
  columns: columns('Name', 'Pod-Selector', 'Age'),
  row: ({ metadata, spec }, { now }) => [
    metadata?.name ?? '',
    formatLabelSelector(spec?.podSelector),
    ageOf(metadata?.creationTimestamp, now),
  ],
}
