import { proxyWarnings, rulesText } from '../../sim/index.js'
import type { Cluster } from '../cluster.js'
import type { Options } from '../options.js'
import { choiceOf, isOn, requiredText } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused } from '../outcome.js'
import { modeOf, proxyNote, refuseMode } from './notSimulated.js'

/** The family of a Node's main address. */
function firstFamily(addresses: readonly string[]): 'ipv4' | 'ipv6' {
  return (addresses[0] ?? '').includes(':') ? 'ipv6' : 'ipv4'
}

/** Prints what a Node's kernel holds, in its own tool's form; verbosely also, on standard error, what its kube-proxy warns of. */
export function rules({ session }: Cluster, options: Options): VerbOutcome {
  const node = requiredText(options, 'node')
  const { parts } = session.history.world
  const host = parts.net.hosts.get(node)
  if (host?.kind !== 'node') throw refused(`nodes "${node}" not found`)
  refuseMode(modeOf(session.history.world, node))
  const family = choiceOf(options, 'ip-family', ['ipv4', 'ipv6']) ?? firstFamily(host.addresses)
  const warnings = isOn(options, 'verbose') ? proxyWarnings(session.history.world, node) : []
  const said = warnings.map((each) => `kube-proxy of ${node}: ${each}\n`).join('')
  return done(rulesText(session.history.world, node, family === 'ipv6' ? 'IPv6' : 'IPv4'), `${proxyNote(session)}${said}`)
}
