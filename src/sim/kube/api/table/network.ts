import type {
  EndpointSlice,
  Endpoints,
  Ingress,
  IngressClass,
  LoadBalancerStatus,
  NetworkPolicy,
  Service,
} from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { ageOf } from './duration.js'
import { formatLabelSelector, formatLabels } from './selectors.js'
import type { TableKind } from './tableKind.js'

/** At most so many addresses, ports or hosts stand in one cell. */
const MAX_LISTED = 3

export const serviceTable: TableKind<Service> = {
  row: (service, { now }) => {
    const { metadata, spec } = service
    const ports = (spec?.ports ?? []).map((port) => {
      const nodePort = port.nodePort === undefined || port.nodePort === 0 ? '' : `:${port.nodePort}`
      return `${port.port}${nodePort}/${port.protocol ?? 'TCP'}`
    })
    return [
      metadata?.name ?? '',
      spec?.type ?? 'ClusterIP',
      spec?.clusterIPs?.[0] ?? '<none>',
      externalAddress(service),
      ports.length === 0 ? '<none>' : ports.join(','),
      ageOf(metadata?.creationTimestamp, now),
      formatLabels(spec?.selector),
    ]
  },
}

function externalAddress({ spec, status }: Service): string {
  const external = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'LoadBalancer': {
      const given = loadBalancerText(status?.loadBalancer)
      const all = [...(given === '' ? [] : given.split(',')), ...external]
      return all.length > 0 ? all.join(',') : '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return external.length > 0 ? external.join(',') : '<none>'
  }
}

/** Every address given, in order. Source: kubernetes pkg/printers/internalversion/printers.go loadBalancerStatusStringer; the server prints tables wide */
export function loadBalancerText(status: LoadBalancerStatus | undefined): string {
  const names = (status?.ingress ?? []).map((each) => each.ip ?? each.hostname ?? '').filter((each) => each !== '')
  return [...new Set(names)].sort(byCodeUnit).join(',')
}

export const endpointsTable: TableKind<Endpoints> = {
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
  row: ({ metadata, spec, status }, { now }) => {
    return [
      metadata?.name ?? '',
      spec?.ingressClassName ?? '<none>',
      hostsText(spec?.rules ?? []),
      loadBalancerText(status?.loadBalancer),
      (spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      ageOf(metadata?.creationTimestamp, now),
    ]
  },
}

/** Source: kubernetes pkg/printers/internalversion/printers.go formatHosts */
function hostsText(rules: readonly { readonly host?: string }[]): string {
  const hosts = rules.map((rule) => rule.host ?? '').filter((host) => host !== '')
  if (hosts.length === 0) return '*'
  const shown = hosts.slice(0, MAX_LISTED)
  // It counts rules, with or without a host, and only when another rule follows the third host.
  const third = rules.indexOf(rules.filter((rule) => (rule.host ?? '') !== '')[MAX_LISTED - 1] ?? {})
  const isCut = shown.length === MAX_LISTED && rules.length > third + 1
  return isCut ? `${shown.join(',')} + ${rules.length - MAX_LISTED} more...` : shown.join(',')
}

export const ingressClassTable: TableKind<IngressClass> = {
  row: ({ metadata, spec }, { now }) => {
    const parameters = spec?.parameters
    const group = parameters?.apiGroup === undefined ? '' : `.${parameters.apiGroup}`
    const text = parameters === undefined ? '<none>' : `${parameters.kind}${group}/${parameters.name}`
    return [metadata?.name ?? '', spec?.controller ?? '', text, ageOf(metadata?.creationTimestamp, now)]
  },
}

export const networkPolicyTable: TableKind<NetworkPolicy> = {
  row: ({ metadata, spec }, { now }) => [
    metadata?.name ?? '',
    formatLabelSelector(spec?.podSelector),
    ageOf(metadata?.creationTimestamp, now),
  ],
}
