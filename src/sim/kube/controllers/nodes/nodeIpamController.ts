import type { Prefix } from '../../../net/address.js'
import { formatIPv4, formatIPv6, parsePrefix } from '../../../net/address.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'

/** Gives each new Node a range of Pod addresses out of the cluster's. Source: kubernetes pkg/controller/nodeipam/ipam/range_allocator.go */
export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  watches: ['nodes'],
  changed(run, change) {
    if (isChangeOf(change, 'nodes') && change.type !== 'DELETED') run.add(change.key)
  },
  sync,
}

function sync(run: Run, key: string): SyncOutcome {
  const node = run.cache.get('nodes', key)
  const clusters = run.part.clusterCidr.split(',').flatMap((text) => parsePrefix(text.trim()) ?? [])
  if (node === undefined || clusters.length === 0 || (node.spec?.podCIDR ?? '') !== '') return SETTLED
  const live = run.api.list('nodes')
  if (!live.ok) return retry(live.error)
  const taken = new Set(live.value.flatMap((each) => each.spec?.podCIDRs ?? [each.spec?.podCIDR ?? '']))
  const mask = (cluster: Prefix): number => (cluster.family === 4 ? run.part.settings.nodeCidrMaskSize : NODE_MASK_IPV6)
  const podCIDRs = clusters.flatMap((cluster) => nextRange(cluster, mask(cluster), taken) ?? [])
  const podCIDR = podCIDRs[0]
  if (podCIDR === undefined || podCIDRs.length < clusters.length) {
    run.event(node, 'Normal', 'CIDRNotAvailable', `Node ${key} status is now: CIDRNotAvailable`, 'cidrAllocator')
    return SETTLED
  }
  run.decide(node, 'allocate-pod-range', { podCIDR: podCIDRs.join(',') })
  const patched = run.api.patch('nodes', keyOf(node), 'strategic', { spec: { podCIDR, podCIDRs } })
  return patched.ok || patched.error.code === 404 ? SETTLED : retry(patched.error)
}

/** Source: kubernetes cmd/kube-controller-manager/app/core.go defaultNodeMaskCIDRIPv6 */
const NODE_MASK_IPV6 = 64

/** The first free range, counting from the cluster's start. */
function nextRange(cluster: Prefix, bits: number, taken: ReadonlySet<string>): string | undefined {
  const count = 2 ** Math.min(16, Math.max(0, bits - cluster.length))
  for (let index = 0; index < count; index++) {
    const start =
      typeof cluster.base === 'number'
        ? formatIPv4(cluster.base + index * 2 ** (32 - bits))
        : formatIPv6(cluster.base + (BigInt(index) << BigInt(128 - bits)))
    const text = `${start}/${bits}`
    if (!taken.has(text)) return text
  }
  return undefined
}
