import type { StoredOf } from '../sim/index.js'
import { listIndexedOf, thing } from '../sim/index.js'
import { remember } from './remember.js'
import type { SceneEndpoint, SceneService } from './scene.js'
import type { SessionWorld } from './world.js'

export function serviceEntry(world: SessionWorld, service: StoredOf<'services'>): SceneService {
  const { namespace = '', name } = service.metadata
  const slices = listIndexedOf(world.parts.etcd, 'endpointslices', 'namespace', namespace).filter(
    (slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name,
  )
  return remember(service, slices, () => {
    const { spec, status } = service
    const otherProxy = service.metadata.labels?.['service.kubernetes.io/service-proxy-name']
    return {
      id: thing.object('Service', namespace, name),
      namespace,
      name,
      type: spec?.type ?? 'ClusterIP',
      clusterIP: spec?.clusterIP ?? '',
      externalAddresses: [
        ...(status?.loadBalancer?.ingress ?? []).flatMap((ingress) => ingress.ip ?? ingress.hostname ?? []),
        ...(spec?.externalIPs ?? []),
        ...(spec?.externalName === undefined ? [] : [spec.externalName]),
      ],
      ports: (spec?.ports ?? []).map((port) => ({
        name: port.name ?? '',
        protocol: port.protocol ?? 'TCP',
        port: port.port,
        targetPort: String(port.targetPort ?? port.port),
        nodePort: port.nodePort ?? 0,
      })),
      endpoints: slices.flatMap(endpointsOf),
      ...(otherProxy === undefined ? {} : { otherProxy }),
    }
  })
}

function endpointsOf(slice: StoredOf<'endpointslices'>): readonly SceneEndpoint[] {
  return (slice.endpoints ?? []).flatMap((endpoint) =>
    (slice.ports ?? []).map((port) => ({
      ip: endpoint.addresses[0] ?? '',
      port: port.port ?? 0,
      pod: endpoint.targetRef?.kind === 'Pod' ? thing.pod(endpoint.targetRef.namespace ?? '', endpoint.targetRef.name ?? '') : '',
      ready: endpoint.conditions?.ready ?? true,
      serving: endpoint.conditions?.serving ?? true,
      terminating: endpoint.conditions?.terminating ?? false,
    })),
  )
}
