import type { ObjectKey, ResourceName, StoredOf } from './kube/api/resources.js'
import type { EtcdPart } from './kube/etcd/store.js'
import { getStored, listIndexed, listStored } from './kube/etcd/store.js'

/**
 * Looking at what the cluster has stored, for those who stand outside it (the picture, the command line).
 * Components never use this: they ask the API server.
 */
export function listStoredOf<R extends ResourceName>(etcd: EtcdPart, resource: R, namespace?: string): readonly StoredOf<R>[] {
  // The store holds under each resource's name what the API server has decoded as that resource.
  return listStored(etcd, resource, namespace) as unknown as readonly StoredOf<R>[]
}

export function getStoredOf<R extends ResourceName>(etcd: EtcdPart, resource: R, key: ObjectKey): StoredOf<R> | undefined {
  return getStored(etcd, resource, key) as unknown as StoredOf<R> | undefined
}

/** Objects found by index: of one Namespace, on one Node, or of the owner with this uid. */
export function listIndexedOf<R extends ResourceName>(
  etcd: EtcdPart,
  resource: R,
  index: 'namespace' | 'node' | 'owner',
  value: string,
): readonly StoredOf<R>[] {
  return listIndexed(etcd, resource, index, value) as unknown as readonly StoredOf<R>[]
}
