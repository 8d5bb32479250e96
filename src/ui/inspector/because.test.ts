import { describe, expect, it } from 'vitest'
import type { Step } from '../../protocol/index.js'
import { wordsOf } from '../editor/rulesOfLine.js'
import { becauseOf } from './because.js'
import { factRows } from './factRows.js'

describe('what of a Service made a rule so', () => {
  const field = (chain: string, text: string, action = '') => becauseOf({ chain, text, action })?.field

  it('[WHY1] is read off the rule as either proxy writes it', () => {
    const comment = (words: string) => `-m comment --comment "default/web ${words}"`
    expect(field('KUBE-SERVICES', `-A KUBE-SERVICES -d 10.96.0.5/32 -p tcp ${comment('has no endpoints')} -j REJECT`)).toBe(
      'selector',
    )
    expect(field('KUBE-EXTERNAL-SERVICES', `-A KUBE-EXTERNAL-SERVICES ${comment('has no local endpoints')} -j DROP`)).toBe(
      'externalTrafficPolicy',
    )
    // Chains tell who asked; of nftables the address does.
    expect(field('KUBE-SERVICES', `-A KUBE-SERVICES -d 10.96.0.5/32 ${comment('has no local endpoints')} -j DROP`)).toBe(
      'internalTrafficPolicy',
    )
    const nft = {
      chain: 'service-endpoints-check',
      text: 'ip daddr . meta l4proto . th dport vmap @no-endpoint-services',
      action: 'drop',
    }
    const policy = (dst: string) => becauseOf({ ...nft, packet: { proto: 'tcp', dst, dport: 80 } }, ['10.96.0.5'])?.field
    expect([policy('10.96.0.5'), policy('172.18.0.100')]).toEqual(['internalTrafficPolicy', 'externalTrafficPolicy'])
    expect(field('KUBE-PROXY-FIREWALL', `-A X ${comment('traffic not accepted by KUBE-FW-ABC')} -j DROP`)).toBe(
      'loadBalancerSourceRanges',
    )
    expect(field('KUBE-SVC-X', '-A KUBE-SVC-X -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-Y -j KUBE-SEP-Y')).toBe(
      'sessionAffinity',
    )
    expect(
      field('service-endpoints-check', 'ip daddr . meta l4proto . th dport vmap @no-endpoint-services', 'goto reject-chain'),
    ).toBe('selector')
    expect(field('nodeport-endpoints-check', 'meta l4proto . th dport vmap @no-endpoint-nodeports', 'drop')).toBe(
      'externalTrafficPolicy',
    )
    expect(field('firewall-ABC-default/web/tcp/', 'ip saddr != 203.0.113.0/28 drop', 'drop')).toBe('loadBalancerSourceRanges')
    expect(field('endpoint-X', 'update @affinity-X { ip saddr }')).toBe('sessionAffinity')
    expect(field('KUBE-SVC-X', '-A KUBE-SVC-X -m statistic --mode random --probability 0.5 -j KUBE-SEP-Y')).toBeUndefined()
  })

  it('[WHY3] facts have names in the reader’s language, and codes of our own are left out', () => {
    const step = (kind: string, facts: object) =>
      factRows({
        id: 1,
        at: 0,
        event: 1,
        cause: undefined,
        flow: 'request-1',
        from: undefined,
        to: undefined,
        kind,
        facts,
      } as Step)
    const labels = (kind: string, facts: object) => step(kind, facts).map(({ label }) => label.key)
    expect(
      labels('request-done', {
        verdict: 'timeout',
        from: 'node/node1',
        asked: '10.96.0.1:80',
        masqueraded: false,
        probability: 0.5,
        forced: false,
      }),
    ).toEqual(['fact.verdict', 'fact.from', 'fact.asked', 'fact.masqueraded', 'fact.probability'])
    expect(
      labels('controller-decision', {
        controller: 'x',
        object: { kind: 'Pod', name: 'a' },
        decision: 'scale-up',
        numbers: { wanted: 3 },
      }),
    ).toEqual(['fact.controller', 'fact.object'])
    expect(labels('action', { action: 'fault', summary: { fault: 'slow-kube-proxy', __proto__x: 'y', lag: '5000000' } })).toEqual(
      ['fact.fault', 'fact.lag'],
    )
    expect(step('request-done', { verdict: 'timeout' })[0]?.value).toMatchObject({ key: 'verdict.timeout' })
  })

  it('[WHY2] and a line of YAML is found in the rules by what it says', () => {
    expect(wordsOf('    nodePort: 30080')).toBe(' 30080')
    expect(wordsOf('    targetPort: 8080')).toBe('8080')
    expect(wordsOf('  - 203.0.113.0/28')).toBe('203.0.113.0/28')
    expect(wordsOf('  clusterIP: 10.96.0.50')).toBe('10.96.0.50')
    for (const line of ['  name: web', '    targetPort: http', 'kind: Service', '']) expect(wordsOf(line)).toBe('')
  })
})
