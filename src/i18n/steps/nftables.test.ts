import { describe, expect, it } from 'vitest'
import type { Step } from '../../protocol/index.js'
import { en } from '../en/index.js'
import { textOf } from '../message.js'
import { stepPhrase } from './describe.js'

function told(text: string, action: string, chance?: { readonly probability: number; readonly share: string }): string {
  const packet = { proto: 'tcp', src: '10.0.0.1', sport: 1, dst: '10.96.0.1', dport: 80, ttl: 64, mark: 0, flags: 'SYN' } as const
  const where = { host: 'node3', hook: 'PREROUTING', table: 'ip kube-proxy', chain: 'services', rule: 2 } as const
  const step: Step<'rule'> = {
    id: 1,
    at: 0,
    event: 1,
    cause: undefined,
    flow: 'f',
    from: undefined,
    to: undefined,
    kind: 'rule',
    facts: { packet, direction: 'request', ...where, text, action, ...(chance === undefined ? {} : { chance }) },
  }
  return textOf(en, stepPhrase(step))
}

describe('rules of nftables', () => {
  it('[NFTSAY1] are not called iptables, and say what they did', () => {
    expect(told('meta l4proto . th dport vmap @service-ips', 'goto service-X-default/web/tcp/')).toBe(
      "node3's nftables: rule 2 of services matches; continue in service-X-default/web/tcp/.",
    )
    const numgen = 'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.2 . 80, 1 : 10.244.2.2 . 80 }'
    expect(told(numgen, 'DNAT', { probability: 0.5, share: '1/2' })).toBe(
      "node3's nftables: rule 2 of services rolls the dice (chance 1/2) and picks the new destination (DNAT).",
    )
    expect(told('meta l4proto tcp dnat ip to 10.244.1.2:80', 'DNAT')).toContain(
      'decides the new destination (DNAT): 10.244.1.2:80',
    )
    const only = 'meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.244.1.2 . 80 }'
    expect(told(only, 'DNAT')).toContain('decides the new destination (DNAT): 10.244.1.2:80')
    expect(told('meta mark set meta mark | 0x00004000', 'meta mark set')).toContain('puts a mark on the packet')
    expect(told('drop', 'drop')).toContain('drops the packet')
  })
})
