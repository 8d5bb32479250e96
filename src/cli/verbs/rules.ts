import { rulesText } from '../../sim/index.js'
import type { Cluster } from '../cluster.js'
import type { Options } from '../options.js'
import { choiceOf, requiredText } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused } from '../outcome.js'
import { modeOf, refuseMode } from './notSimulated.js'

/** The family of a cluster's Pods, the first where it has both. */
function firstFamily(podSubnet: string): 'ipv4' | 'ipv6' {
  return (podSubnet.split(',')[0] ?? '').includes(':') ? 'ipv6' : 'ipv4'
}

/** Prints what a Node's kernel holds, in its own tool's form. */
export function rules({ session }: Cluster, options: Options): VerbOutcome {
  const node = requiredText(options, 'node')
  const { parts } = session.history.world
  if (parts.net.hosts.get(node)?.kind !== 'node') throw refused(`nodes "${node}" not found`)
  refuseMode(modeOf(session.history.world, node))
  const family = choiceOf(options, 'ip-family', ['ipv4', 'ipv6']) ?? firstFamily(parts.cluster.config.podSubnet)
  return done(rulesText(session.history.world, node, family === 'ipv6' ? 'IPv6' : 'IPv4'))
}
