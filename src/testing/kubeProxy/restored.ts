import { parseAllDocuments } from 'yaml'
import { runNext } from '../../sim/core/engine.js'
import type { Manifest } from '../../sim/kube/api/client.js'
import type { ConfigDocument } from '../../sim/kube/bootstrap/clusterSpec.js'
import { createCluster } from '../../sim/kube/bootstrap/createCluster.js'
import type { World } from '../../sim/kube/context.js'
import { behaviours } from '../../sim/kube/registry.js'

/** A whole cluster as these manifests have it, settled, with no controller but kube-proxy. */
export function openRestored(
  manifests: string,
  kubeProxy?: ConfigDocument,
  mode?: 'iptables' | 'nftables',
  serviceSubnet?: string,
): World {
  // The API server's own decoder judges them.
  const restore = parseAllDocuments(manifests).map((document) => document.toJS() as Manifest)
  const world = createCluster({
    seed: 'conformance',
    restore,
    controllers: '-*',
    componentsOff: ['scheduler'],
    ...(kubeProxy === undefined ? {} : { kubeProxy }),
    cluster: {
      ...(mode === undefined ? {} : { kubeProxyMode: mode }),
      ...(serviceSubnet === undefined ? {} : { serviceSubnet }),
    },
  })
  // What a person does is the session's; nobody does anything here.
  const all = { ...behaviours, person: () => {} } as never
  while (world.foreground > 0 && runNext(world, all, () => {}));
  return world
}
