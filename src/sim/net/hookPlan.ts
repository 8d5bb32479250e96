import type { Hook, NetTable } from '../core/vocabulary.js'
import type { Kernel } from './kernel.js'
import type { Machine } from './machine.js'
import { baseChainsAt } from './nft/ruleset.js'
import type { LinkedChain } from './rules/linkedChain.js'
import { linkChain } from './rules/linkedChain.js'
import { rulesetsOf } from './rules/ruleset.js'
import type { Skb } from './skb.js'
import type { HookPlan, NatPart, Stage } from './stages.js'

/** FORWARD has none. Source: Linux include/net/netfilter/nf_nat.h HOOK2MANIP */
const NAT_PART: Readonly<Record<Hook, NatPart | undefined>> = {
  PREROUTING: 'destination',
  OUTPUT: 'destination',
  INPUT: 'source',
  POSTROUTING: 'source',
  FORWARD: undefined,
}

/** Priorities of the stages at a hook. Source: Linux include/uapi/linux/netfilter_ipv4.h nf_ip_hook_priorities */
const CONNTRACK = -200
const TABLE_PRIORITY = { raw: -300, mangle: -150, filter: 0, security: 50 } as const
const NAT_PRIORITY = { destination: -100, source: 100 } as const

/** The plan of a hook; undefined where the kernel follows no connections, and so asks nothing. */
export function planAt(kernel: Kernel, { machine, family }: Skb, hook: Hook): HookPlan | undefined {
  const plans = family === 4 ? machine.plans4 : machine.plans6
  let plan = plans?.get(hook)
  if (plans !== undefined && plan === undefined) {
    plan = planHook(kernel, machine, family, hook)
    plans.set(hook, plan)
  }
  return plan
}

function planHook({ net }: Kernel, { name }: Machine, family: Skb['family'], hook: Hook): HookPlan {
  const ruleset = rulesetsOf(net, family).get(name)
  const base = (table: NetTable): LinkedChain | undefined => {
    const found = ruleset?.tables.get(table)
    return found === undefined ? undefined : linkChain(found, hook)
  }
  const nftables = net.nftables.get(name)
  const nft = nftables === undefined ? [] : baseChainsAt(nftables, hook)
  const stages: Stage[] = []
  if (hook === 'PREROUTING' || hook === 'OUTPUT') stages.push({ kind: 'conntrack', priority: CONNTRACK })
  for (const table of ['raw', 'mangle', 'filter', 'security'] as const) {
    const chain = base(table)
    if (chain !== undefined) stages.push({ kind: 'table', priority: TABLE_PRIORITY[table], chain })
  }
  const part = NAT_PART[hook]
  if (part !== undefined) {
    const priority = NAT_PRIORITY[part]
    stages.push({ kind: 'nat', priority, part, chain: base('nat'), nft: nft.filter((each) => each.base.type === 'nat') })
  }
  for (const chain of nft) {
    if (chain.base.type !== 'nat') stages.push({ kind: 'chain', priority: chain.base.priority, chain })
  }
  return stages.sort((a, b) => a.priority - b.priority)
}
