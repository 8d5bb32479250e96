import type { CoreV1EndpointPort, EndpointAddress, EndpointSubset } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { fnv128a } from './fnv128a.js'

/** One Pod's address with the ports it has. */
export interface SingleAddress {
  readonly address: EndpointAddress
  readonly ports: readonly CoreV1EndpointPort[]
  readonly ready: boolean
}

interface PortUse {
  readonly port: CoreV1EndpointPort
  readonly users: SingleAddress[]
}

/**
 * The least subsets that say the same: each port with all who have it, then ports with the same users together.
 * Addresses are in the order of their text; ports in that of their hashes.
 *
 * Source: kubernetes pkg/api/v1/endpoints/util.go RepackSubsets, SortSubsets
 */
export function repackSubsets(addresses: readonly SingleAddress[]): readonly EndpointSubset[] {
  const uses = new Map<string, PortUse>()
  for (const single of addresses) {
    for (const port of single.ports) {
      const id = portText(port)
      const use = uses.get(id) ?? { port, users: [] }
      uses.set(id, use)
      use.users.push(single)
    }
  }
  const groups = new Map<string, { users: readonly SingleAddress[]; ports: CoreV1EndpointPort[] }>()
  for (const { port, users } of uses.values()) {
    // A single port has nothing to be put together with.
    const id = uses.size === 1 ? '' : idOf(users)
    const group = groups.get(id) ?? { users, ports: [] }
    groups.set(id, group)
    group.ports.push(port)
  }
  const portless = addresses.filter((each) => each.ports.length === 0)
  const all = [...groups.values(), ...(portless.length === 0 ? [] : [{ users: portless, ports: [] }])]
  return all.map(({ users, ports }) => {
    const ready = users.filter((each) => each.ready).map((each) => each.address)
    const notReady = users.filter((each) => !each.ready).map((each) => each.address)
    return {
      ...(ready.length === 0 ? {} : { addresses: ready.sort(byAddress) }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady.sort(byAddress) }),
      ...(ports.length === 0 ? {} : { ports: ports.sort((a, b) => byCodeUnit(fnv128a(portText(a)), fnv128a(portText(b)))) }),
    }
  })
}

function idOf(users: readonly SingleAddress[]): string {
  return users
    .map(({ address }) => `${address.ip}/${address.targetRef?.uid ?? ''}`)
    .sort(byCodeUnit)
    .join()
}

function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  return byCodeUnit(a.ip, b.ip) || byCodeUnit(a.targetRef?.uid ?? '', b.targetRef?.uid ?? '')
}

/** A port as go-spew prints it for hashing. */
function portText({ name = '', port, protocol = '', appProtocol }: CoreV1EndpointPort): string {
  return `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} AppProtocol:(*string)${appProtocol ?? '<nil>'}}`
}
