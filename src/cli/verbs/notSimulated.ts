import type { Session } from '../../session/index.js'
import { listStoredOf, proxyConfigurationOf, readProxyConfiguration } from '../../sim/index.js'
import { refused } from '../outcome.js'

type World = Session['history']['world']

/** The mode in which a Node's kube-proxy runs. */
export function modeOf({ parts }: World, node: string): string {
  return proxyConfigurationOf(parts.proxy, parts.proxy.processes.get(node)).mode
}

/** @throws VerbStop 1 for a mode whose rules we do not know: those of another mode would be a lie. */
export function refuseMode(mode: string): void {
  if (mode === 'ipvs' || mode === 'userspace')
    throw refused(`${mode} mode is not simulated: what it would write, and where packets would go, is not known here`)
}

/** @throws VerbStop 1 when the kernel of some Node holds what such a kube-proxy would have written. */
export function refuseUnsimulatedMode(world: World, dumps: readonly (readonly [node: string, text: string])[]): void {
  const dumped = new Set(dumps.map(([node]) => node))
  for (const [name, { kind }] of world.parts.net.hosts) if (kind === 'node' && !dumped.has(name)) refuseMode(modeOf(world, name))
}

/** For standard error: what of kube-proxy's configuration is accepted but decides about nothing here. Empty without any. */
export function proxyNote({ history }: Session): string {
  const document = history.world.parts.cluster.config.kubeProxy
  const fields = document === undefined ? [] : readProxyConfiguration(document).notSimulated
  return fields.length === 0 ? '' : `note: KubeProxyConfiguration: accepted, not simulated: ${fields.join(', ')}\n`
}

/** For standard error: that NetworkPolicies of this cluster are kept, but hold nobody back. Empty without any. */
export function policyNote({ history }: Session): string {
  const policies = listStoredOf(history.world.parts.etcd, 'networkpolicies')
  if (policies.length === 0) return ''
  return `note: ${policies.length === 1 ? '1 NetworkPolicy is' : `${policies.length} NetworkPolicies are`} kept but not enforced: the network plugin knows none\n`
}
