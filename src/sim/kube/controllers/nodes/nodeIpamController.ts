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
  const cluster = parseRange(run.part.clusterCidr)
  if (node === undefined || cluster === undefined || (node.spec?.podCIDR ?? '') !== '') return SETTLED
  const live = run.api.list('nodes')
  if (!live.ok) return retry(live.error)
  const taken = new Set(live.value.map((each) => each.spec?.podCIDR ?? ''))
  const cidr = nextRange(cluster, run.part.settings.nodeCidrMaskSize, taken)
  if (cidr === undefined) {
    run.event(node, 'Normal', 'CIDRNotAvailable', `Node ${key} status is now: CIDRNotAvailable`, 'cidrAllocator')
    return SETTLED
  }
  run.decide(node, 'allocate-pod-range', { podCIDR: cidr })
  const patched = run.api.patch('nodes', keyOf(node), 'strategic', { spec: { podCIDR: cidr, podCIDRs: [cidr] } })
  return patched.ok || patched.error.code === 404 ? SETTLED : retry(patched.error)
}

interface Range {
  readonly first: number
  readonly bits: number
}

/** An IPv4 range; undefined for anything else. */
function parseRange(text: string): Range | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text.split(',')[0] ?? '')
  if (match === null) return undefined
  const first = [1, 2, 3, 4].reduce((sum, index) => sum * 256 + Number(match[index]), 0)
  return { first, bits: Number(match[5]) }
}

/** The first free range, counting from the cluster's start. */
function nextRange(cluster: Range, bits: number, taken: ReadonlySet<string>): string | undefined {
  const count = 2 ** Math.max(0, bits - cluster.bits)
  for (let index = 0; index < count; index++) {
    const start = cluster.first + index * 2 ** (32 - bits)
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256)
    const text = `${bytes.join('.')}/${bits}`
    if (!taken.has(text)) return text
  }
  return undefined
}
