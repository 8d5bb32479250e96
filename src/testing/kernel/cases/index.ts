import type { NetfilterCase } from './case.js'
import { CHAIN_CASES } from './chains.js'
import { MATCH_CASES } from './matches.js'
import { MEMORY_CASES } from './memory.js'
import { NAT_CASES } from './nat.js'
import { REJECT_CASES } from './rejects.js'
import { SET_CASES } from './sets.js'
import { STATE_CASES } from './states.js'
import { TIME_CASES } from './time.js'

/** What netfilter does, item by item. */
export const NETFILTER_CASES: readonly NetfilterCase[] = [
  ...CHAIN_CASES,
  ...MATCH_CASES,
  ...STATE_CASES,
  ...MEMORY_CASES,
  ...TIME_CASES,
  ...SET_CASES,
  ...REJECT_CASES,
  ...NAT_CASES,
]
