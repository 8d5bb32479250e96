import type { Endpoint, EndpointSlice, Service, ServicePort } from '../../generated/kubeTypes.js'
import type { ServiceAndSlices } from '../../sim/kube/proxy/objects.js'

export interface TestPort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly nodePort?: number
  /** The endpoints' port; the Service's own when absent. */
  readonly target?: number
}

/** `10.0.1.1@node1`, followed by `!` where it is not ready, `~` where it serves still while it terminates, `x` where it ends without serving. */
export type TestEndpoint = string

/** A Service with one slice; `spec` and `ingress` say what is not plain. */
export function testService(
  key: string,
  clusterIP: string,
  ports: readonly TestPort[],
  endpoints: readonly TestEndpoint[] | undefined,
  {
    spec = {},
    ingress = [],
  }: { readonly spec?: Service['spec']; readonly ingress?: readonly { readonly ip: string; readonly ipMode?: string }[] } = {},
): ServiceAndSlices & { readonly service: Service } {
  const [namespace = '', name = ''] = key.split('/')
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { clusterIP, ports: ports.map(portOf), ...spec },
    ...(ingress.length === 0 ? {} : { status: { loadBalancer: { ingress } } }),
  }
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: clusterIP.includes(':') ? 'IPv6' : 'IPv4',
    ports: ports.map(({ name: port = '', port: own, target = own, protocol = 'TCP' }) => ({
      name: port,
      port: target,
      protocol,
    })),
    endpoints: (endpoints ?? []).map(endpointOf),
  }
  return { key, service, slices: endpoints === undefined ? [] : [slice] }
}

function portOf({ name, port, protocol = 'TCP', nodePort }: TestPort): ServicePort {
  return { ...(name === undefined ? {} : { name }), port, protocol, ...(nodePort === undefined ? {} : { nodePort }) }
}

function endpointOf(text: TestEndpoint): Endpoint {
  const [, address = '', node = '', state = ''] = /^([^@!~]+?)(?:@([\w-]+?))?([!~x]?)$/.exec(text) ?? []
  return {
    addresses: [address],
    ...(node === '' ? {} : { nodeName: node }),
    conditions: { ready: state === '', serving: state !== 'x' && state !== '!', terminating: state === '~' || state === 'x' },
  }
}

/** Manifests of a whole cluster: one Node with these addresses, and these Services with their slices. */
export function clusterText(node: string, addresses: readonly string[], services: readonly ServiceAndSlices[]): string {
  const object = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  }
  const objects = [object, ...services.flatMap(({ service, slices }) => [service, ...slices])]
  return objects.map((each) => JSON.stringify(each)).join('\n---\n')
}
