import { getRuleset, printIptablesSave, printNftables } from '../../sim/index.js'
import type { Cluster } from '../cluster.js'
import type { Options } from '../options.js'
import { requiredText } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused } from '../outcome.js'

/** Prints what a Node's kernel holds, in its own tool's form. */
export function rules({ session }: Cluster, options: Options): VerbOutcome {
  const node = requiredText(options, 'node')
  const { parts } = session.history.world
  if (parts.net.hosts.get(node)?.kind !== 'node') throw refused(`nodes "${node}" not found`)
  const { mode } = parts.proxy.configuration
  if (mode === 'nftables') return done(printNftables(parts.proxy.nftables.get(node) ?? []))
  if (mode === 'ipvs') throw refused('ipvs mode is not simulated: its rules cannot be printed')
  return done(printIptablesSave(getRuleset(parts.net, node)))
}
