import { describe, expect, it } from 'vitest'
import { builtinScenario, readScenario } from '../scenario/index.js'
import type { Step } from '../sim/index.js'
import { diffLines } from './diffLines.js'
import { diffDump, walkDump } from './dump.js'
import { inspectThing } from './inspect.js'
import { openSession } from './open.js'
import { rulesOfObject, sourceOfRule } from './ruleOrigin.js'
import { toSessionInput } from './scenarioInput.js'
import { act, type Session, seekEnd, sessionDigest } from './session.js'

function open(mode: 'iptables' | 'nftables' = 'iptables'): Session {
  const input = readScenario(builtinScenario('default') ?? [])
  if (!input.ok) throw new Error('does not read')
  return openSession(toSessionInput(input.value, { proxyMode: mode }))
}

const WEB = { kind: 'Service', namespace: 'default', name: 'web' }

describe.each(['iptables', 'nftables'] as const)('why a rule stands there: %s', (mode) => {
  it('[ORIGIN1] the rule that sends to a Pod leads to the sync, Service, slice and Pod', () => {
    const session = open(mode)
    act(session, { type: 'kubectl', args: ['scale', 'deployment', 'web', '--replicas=3'], files: {} })
    seekEnd(session)
    act(session, { type: 'request', request: { from: 'client', to: 'service/default/web:80', proto: 'tcp' } })
    seekEnd(session)
    const { steps } = session.history
    const rewrite = steps.findIndex((step) => step.kind === 'rewrite' && step.facts.what === 'dnat' && step.facts.by === 'rule')
    const rule = steps.slice(0, rewrite).findLast((step): step is Step<'rule'> => step.kind === 'rule')
    if (rule === undefined) throw new Error('no rule met')
    const { host, chain, text, action, packet } = rule.facts
    const source = sourceOfRule(session, host, { chain, text, action, packet })
    expect(source).toMatchObject({ kind: 'service', service: 'default/web', serviceExists: true })
    if (source.kind !== 'service') throw new Error('no service')
    expect(source.endpoints).toHaveLength(mode === 'iptables' ? 1 : 3)
    for (const { pod, slice } of source.endpoints) {
      expect(pod).toMatch(/^default\/web-/)
      expect(slice).toMatch(/^default\/web-/)
    }
    expect(steps.find((step) => step.id === source.writtenBy)?.kind).toBe('proxy-sync')
  })

  it('[ORIGIN2] a Service has rules on every Node, each on the line where the Node shows it', () => {
    const session = open(mode)
    const nodes = rulesOfObject(session, WEB)
    expect(nodes.map(({ node }) => node)).toEqual(['control-plane', 'node1', 'node2', 'node3'])
    for (const { node, rules } of nodes) {
      const kernel = inspectThing(session, `node/${node}`).kernel
      const lines = kernel?.rules.split('\n') ?? []
      expect(kernel?.format).toBe(mode)
      const own = rules.filter((rule) => rule.rule > 0 && (rule.family === 'IPv4' || mode === 'nftables'))
      expect(own.length).toBeGreaterThan(2)
      for (const rule of own) {
        const line = kernel?.lines[`${rule.table} ${rule.chain} ${rule.rule}`] ?? 0
        expect(lines[line - 1]).toContain(rule.text)
      }
    }
    expect(rulesOfObject(session, { kind: 'Deployment', namespace: 'default', name: 'web' })).toEqual(nodes)
    expect(rulesOfObject(session, { kind: 'Service', namespace: 'default', name: 'nothing' })).toEqual([])
  })

  it('[DUMP1] a dump of the same rules differs in nothing; a changed one where it was changed', () => {
    const session = open(mode)
    const digest = sessionDigest(session)
    const text = inspectThing(session, 'node/node1').kernel?.rules ?? ''
    const same = diffDump(session, 'node1', text)
    expect(same.ok && same.value.chains).toEqual([])
    expect(same.ok && same.value.same).toBeGreaterThan(5)
    const rule = mode === 'iptables' ? '-A KUBE-FIREWALL -s 192.0.2.1/32 -j DROP' : 'ip saddr 192.0.2.1 drop'
    const after = mode === 'iptables' ? /^\[.*-A KUBE-FIREWALL.*$/m : /^\t\tdrop$|^\t\tct state new jump firewall-check$/m
    const changed = diffDump(
      session,
      'node1',
      text.replace(after, (line) => `${line}\n${rule}`),
    )
    expect(changed.ok && changed.value.chains.map(({ change }) => change)).toEqual(['changed'])
    const added = changed.ok ? changed.value.chains[0]?.lines.filter((line) => line.side === 'second') : []
    expect(added?.map((line) => line.text)).toEqual([rule])
    expect(sessionDigest(session)).toBe(digest)
  })

  it('[DUMP2] a packet walks through the dump, and the cluster stays as it is', () => {
    const session = open(mode)
    const digest = sessionDigest(session)
    const text = inspectThing(session, 'node/node3').kernel?.rules ?? ''
    const walked = walkDump(session, 'node3', text, { src: '203.0.113.7', dst: '172.18.0.13:30080', proto: 'tcp' })
    if (!walked.ok) throw new Error(walked.error.message)
    expect(walked.value.outcomes).toHaveLength(2)
    for (const outcome of walked.value.outcomes) {
      expect(outcome.verdict).toBe('delivered')
      expect(outcome.probability).toBeCloseTo(0.5, 6)
      expect(outcome.hops.length).toBeGreaterThan(3)
    }
    expect(sessionDigest(session)).toBe(digest)
  })
})

describe('dumps that cannot be used', () => {
  it('[DUMP3] the first bad line is named', () => {
    const session = open()
    const bad = diffDump(session, 'node1', '*filter\n:INPUT ACCEPT [0:0]\n-A NOWHERE -j ACCEPT\nCOMMIT\n')
    expect(bad).toEqual({ ok: false, error: { line: 3, message: "Chain 'NOWHERE' does not exist" } })
    const jump = diffDump(session, 'node1', '*nat\n:PREROUTING ACCEPT\n\n-A PREROUTING -j NOWHERE\nCOMMIT\n')
    expect(jump.ok ? 0 : jump.error.line).toBe(4)
    const loop = diffDump(session, 'node1', '*nat\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -j A\nCOMMIT\n')
    expect(loop.ok ? 0 : loop.error.line).toBe(2)
    const nft = diffDump(session, 'node1', 'table ip x {\n\tchain y {\n\t\tjump z\n\t}\n}\n')
    expect(nft.ok ? 0 : nft.error.line).toBe(3)
  })

  it('[DUMP5] rules of IPv6 are compared with those of IPv6', () => {
    const session = open()
    const text = inspectThing(session, 'node/node1').kernel?.ipv6?.rules ?? ''
    expect(text).toContain('KUBE-SERVICES')
    const diff = diffDump(session, 'node1', `# Generated by ip6tables-save v1.8.9 (nf_tables)\n${text}`)
    expect(diff.ok && [diff.value.comparable, diff.value.chains]).toEqual([true, []])
  })

  it('[DUMP4] of two modes nothing is compared', () => {
    const session = open()
    const diff = diffDump(session, 'node1', 'table ip kube-proxy {\n\tchain services {\n\t\taccept\n\t}\n}\n')
    expect(diff.ok && diff.value.comparable).toBe(false)
  })
})

describe('differences of lines', () => {
  it('[DIFF1] tells what only one text has, in order', () => {
    expect(diffLines(['a', 'b', 'd'], ['a', 'c', 'd'])).toEqual([
      { side: 'both', text: 'a' },
      { side: 'first', text: 'b' },
      { side: 'second', text: 'c' },
      { side: 'both', text: 'd' },
    ])
    expect(diffLines([], ['x'])).toEqual([{ side: 'second', text: 'x' }])
  })
})
