import { describe, expect, it } from 'vitest'
import { builtinScenario, readScenario } from '../scenario/index.js'
import type { Step } from '../sim/index.js'
import { buildScene } from './buildScene.js'
import { compareChain } from './compareRules.js'
import { diffLines } from './diffLines.js'
import { diffDump, walkDump } from './dump.js'
import { inspectThing } from './inspect.js'
import { openSession } from './open.js'
import { rulesOfObject, sourceOfRule } from './ruleOrigin.js'
import { toSessionInput } from './scenarioInput.js'
import { act, type Session, seekEnd, sessionDigest } from './session.js'
import { rulesOfSync } from './syncRules.js'

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

  it('[ORIGIN8] the sign of a Node tells as many rules as the tool of its family prints', () => {
    const session = open(mode)
    const node = buildScene(session.history.world).nodes.get('node/node1')
    const kernel = inspectThing(session, 'node/node1').kernel
    const listed = (lines: Readonly<Record<string, number>> = {}, family = '') =>
      Object.keys(lines).filter((rule) => rule.startsWith(family)).length
    const isNft = mode === 'nftables'
    expect(node?.ruleCount).toBe(listed(kernel?.lines, isNft ? 'ip ' : ''))
    expect(node?.otherRuleCount).toBe(isNft ? listed(kernel?.lines, 'ip6 ') : listed(kernel?.ipv6?.lines))
    expect(node?.ruleCount).toBeGreaterThan(20)
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

  it('[ORIGIN3] a rule that sends to a Pod that is gone says which change its Node has not written, and when it will', () => {
    const session = open(mode)
    act(session, { type: 'fault', fault: 'slow-kube-proxy', target: 'kube-proxy/node1', active: true, lag: 60_000_000 })
    seekEnd(session)
    act(session, { type: 'kubectl', args: ['scale', 'deployment', 'web', '--replicas=1'], files: {} })
    seekEnd(session)
    const { world } = session.history
    const rules = rulesOfObject(session, WEB).find(({ node }) => node === 'node1')?.rules ?? []
    const sources = rules.map((rule) => sourceOfRule(session, 'node1', rule))
    const stale = sources.flatMap((source) =>
      source.kind === 'service' ? source.endpoints.flatMap((each) => each.stale ?? []) : [],
    )
    expect(stale.length).toBeGreaterThan(0)
    for (const each of stale) {
      expect(each).toMatchObject({
        kind: 'pending',
        change: { service: 'default/web', slice: expect.stringMatching(/^default\/web-/) },
      })
      if (each.kind !== 'pending') continue
      expect(each.change.after).toBeGreaterThan(each.change.before ?? 0)
      expect(each.due).toBe(each.change.at + 60_020_000)
      expect(each.due).toBeGreaterThan(world.now)
    }
    act(session, { type: 'fault', fault: 'stop-kube-proxy', target: 'kube-proxy/node1', active: true })
    seekEnd(session)
    const stopped = rules.map((rule) => sourceOfRule(session, 'node1', rule))
    expect(JSON.stringify(stopped)).toContain('"stale":{"kind":"stopped"}')
  })

  it('[SYNC1] a sync says which rules it wrote and took away, and the session stands where it stood', () => {
    const session = open(mode)
    act(session, { type: 'kubectl', args: ['scale', 'deployment', 'web', '--replicas=3'], files: {} })
    const digest = sessionDigest(session)
    const syncs = session.history.steps.filter((step): step is Step<'proxy-sync'> => step.kind === 'proxy-sync')
    expect(new Set(syncs.map(({ facts }) => facts.node)).size).toBe(4)
    for (const { id, facts } of syncs) {
      const rules = rulesOfSync(session, id)
      expect(rules?.node).toBe(facts.node)
      expect(facts.chainsAdded.every((name) => rules?.chains.some((chain) => chain.name.endsWith(` ${name}`)))).toBe(true)
      if (mode === 'iptables') expect((rules?.added ?? 0) - (rules?.removed ?? 0)).toBe(facts.rulesAfter - facts.rulesBefore)
      expect((rules?.added ?? 0) + (rules?.removed ?? 0)).toBeGreaterThan(0)
    }
    expect(sessionDigest(session)).toBe(digest)
    expect(rulesOfSync(session, 1)).toBeUndefined()
  })

  it('[SYNC2] a Service without endpoints is told by every kube-proxy, and the change ends when the last has written it', () => {
    const session = open(mode)
    const yaml =
      'apiVersion: v1\nkind: Service\nmetadata: { name: nobody }\nspec: { selector: { app: nobody }, ports: [{ port: 80 }] }\n'
    act(session, { type: 'kubectl', args: ['apply', '-f', 'm.yaml'], files: { 'm.yaml': yaml } })
    seekEnd(session)
    const syncs = session.history.steps.filter(
      (step): step is Step<'proxy-sync'> => step.kind === 'proxy-sync' && step.facts.services.includes('default/nobody'),
    )
    expect(syncs.map(({ facts }) => facts.node).sort()).toEqual(['control-plane', 'node1', 'node2', 'node3'])
    const sent = act(session, { type: 'request', request: { from: 'node/node1', to: 'service/default/nobody:80', proto: 'tcp' } })
    seekEnd(session)
    const done = session.history.steps.find((step) => step.kind === 'request-done' && step.flow === sent.flow)
    expect(done?.facts).toMatchObject({ verdict: 'rejected' })
  })

  it('[WHY7] endpoints that a Node leaves out are told with the reason, by the policy of the traffic', () => {
    const session = open(mode)
    const yaml =
      'apiVersion: v1\nkind: Service\nmetadata: { name: here }\nspec: { internalTrafficPolicy: Local, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }\n' +
      '---\napiVersion: v1\nkind: Service\nmetadata: { name: near }\nspec: { trafficDistribution: PreferSameNode, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }\n'
    act(session, { type: 'kubectl', args: ['apply', '-f', 'm.yaml'], files: { 'm.yaml': yaml } })
    seekEnd(session)
    const sourceOf = (name: string) => {
      const { flow } = act(session, {
        type: 'request',
        request: { from: 'node/node1', to: `service/default/${name}:80`, proto: 'tcp' },
      })
      seekEnd(session)
      const dnat = session.history.steps.find(
        (step): step is Step<'rule'> => step.kind === 'rule' && step.flow === flow && /^dnat/i.test(step.facts.action),
      )
      if (dnat === undefined) throw new Error('no rule chose')
      const { chain, text, action, packet } = dnat.facts
      return sourceOfRule(session, 'node1', { chain, text, action, packet })
    }
    expect(sourceOf('here')).toMatchObject({ local: { used: 1, leftOut: [{ node: 'node2', why: 'other-node' }] } })
    expect(sourceOf('here')).not.toHaveProperty('cluster')
    expect(sourceOf('near')).toMatchObject({
      cluster: { used: 1, leftOut: [{ node: 'node2', why: 'hinted-node' }], isFallback: false },
    })
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

  it('[DUMP6] names of what every object has, deep jumps, long lines and many rules are dumps like any other', () => {
    const session = open()
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const chains = names.map((name) => `:${name} - [0:0]`).join('\n')
    const jumps = names.map((name) => `-A PREROUTING -j ${name}\n-A ${name} -d 10.0.0.1/32 -j RETURN`).join('\n')
    const strange = diffDump(session, 'node1', `*nat\n:PREROUTING ACCEPT [0:0]\n${chains}\n${jumps}\nCOMMIT\n`)
    expect(strange.ok && strange.value.chains.map(({ name }) => name)).toEqual(
      expect.arrayContaining(names.map((name) => `nat ${name}`)),
    )
    const packet = { src: '203.0.113.7', dst: '172.18.0.11:30080', proto: 'tcp' } as const
    const text = `*nat\n:PREROUTING ACCEPT [0:0]\n${chains}\n${jumps}\nCOMMIT\n`
    expect(walkDump(session, 'node1', text, packet).ok).toBe(true)
    const nft = `table ip __proto__ {\n\tmap constructor {\n\t\ttype ipv4_addr : verdict\n\t}\n\tchain toString {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\tip daddr 10.0.0.1 return\n\t}\n}\n`
    expect(diffDump(session, 'node1', nft).ok).toBe(true)
    const DEEP = 20_000
    const deep = Array.from({ length: DEEP }, (_, at) => `:C${at} - [0:0]`).join('\n')
    const through = Array.from({ length: DEEP - 1 }, (_, at) => `-A C${at} -j C${at + 1}`).join('\n')
    const tower = `*nat\n:PREROUTING ACCEPT [0:0]\n${deep}\n-A PREROUTING -j C0\n${through}\nCOMMIT\n`
    // The kernel refuses such a table, and nothing here may fall over it.
    expect([true, false]).toContain(diffDump(session, 'node1', tower).ok)
    expect([true, false]).toContain(walkDump(session, 'node1', tower, packet).ok)
    const long = diffDump(session, 'node1', `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${'x'.repeat(3_000_000)}\nCOMMIT\n`)
    expect(long.ok ? '' : long.error.message.length).toBeLessThan(600)
    const faulty = (body: string): number => {
      const diff = diffDump(session, 'node1', `table ip x {\n${body}}\n`)
      return diff.ok ? 0 : diff.error.line
    }
    const base = '\tchain b {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n'
    expect(faulty(`${base}\t\tip daddr vmap @nowhere\n\t}\n`)).toBe(4)
    expect(faulty(`${base}\t\tjump b\n\t}\n`)).toBe(2)
    const map = (element: string) => `\tmap m {\n\t\ttype ipv4_addr : verdict\n\t\telements = { ${element} }\n\t}\n`
    expect(faulty(`${map('10.0.0.1 : banana')}${base}\t\tip daddr vmap @m\n\t}\n`)).toBe(2)
    expect(faulty(`${map('10.0.0.1 : goto z')}${base}\t\tip daddr vmap @m\n\t}\n`)).toBe(8)
    expect(faulty('\tchain constructor {\n\t\ttype nat hook constructor priority constructor; policy accept;\n\t}\n')).toBe(0)
    for (const junk of [
      '*',
      '*nat',
      ':',
      'table',
      'table ip x {',
      '\u0000',
      '*nat\n:A - [0:0]\nCOMMIT\nCOMMIT\n',
      '{'.repeat(100_000),
    ])
      expect(typeof diffDump(session, 'node1', junk).ok).toBe('boolean')
  })

  it('[DUMP5] rules of IPv6 are compared with those of IPv6', () => {
    const session = open()
    const text = inspectThing(session, 'node/node1').kernel?.ipv6?.rules ?? ''
    expect(text).toContain('KUBE-SERVICES')
    const diff = diffDump(session, 'node1', `# Generated by ip6tables-save v1.8.9 (nf_tables)\n${text}`)
    expect(diff.ok && [diff.value.comparable, diff.value.chains]).toEqual([true, []])
  })

  it('[DUMP7] what is not as on the real Node is named, with its line; each family is compared with its own', () => {
    const session = open()
    const text = inspectThing(session, 'node/node1').kernel?.rules ?? ''
    const notes = (dump: string) => {
      const diff = diffDump(session, 'node1', dump)
      return diff.ok ? diff.value.notes : undefined
    }
    expect(notes(text)).toEqual({ unmodelled: [], unmodelledCount: 0, twice: [], isCut: false, hasBothFamilies: false })
    const strange =
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m string --algo bm --string x -j DROP\n-A INPUT -j TPROXY --on-port 1\nCOMMIT\n'
    expect(notes(strange)).toMatchObject({
      unmodelledCount: 2,
      unmodelled: [
        { line: 3, what: '-m string --algo bm --string x' },
        { line: 4, what: '-j TPROXY --on-port 1' },
      ],
    })
    expect(notes('table ip x {\n\tchain y {\n\t\tosf name "Linux" drop\n\t}\n}\n')?.unmodelled).toEqual([
      { line: 3, what: expect.stringContaining('osf') },
    ])
    expect(notes(`${strange}${strange}`)?.twice).toEqual(['filter'])
    expect(notes(strange.replace('COMMIT\n', ''))?.isCut).toBe(true)
    const six = inspectThing(session, 'node/node1').kernel?.ipv6?.rules ?? ''
    const both = `# Generated by iptables-save v1.8.9\n${text}# Generated by ip6tables-save v1.8.9\n${six}`
    expect(notes(both)).toMatchObject({ hasBothFamilies: true, twice: [] })
    expect(diffDump(session, 'node1', both)).toMatchObject({ ok: true, value: { chains: [] } })
    const mark = both.lastIndexOf('\n', both.lastIndexOf('-A KUBE-MARK-MASQ '))
    const less = both.slice(0, mark) + both.slice(both.indexOf('\n', mark + 1))
    expect(diffDump(session, 'node1', less)).toMatchObject({
      ok: true,
      value: { chains: [{ name: 'nat KUBE-MARK-MASQ', isIpv6: true, missing: 1 }] },
    })
  })

  it('[DUMP4] of two modes nothing is compared', () => {
    const session = open()
    const diff = diffDump(session, 'node1', 'table ip kube-proxy {\n\tchain services {\n\t\taccept\n\t}\n}\n')
    expect(diff.ok && diff.value.comparable).toBe(false)
  })
})

describe('differences of rules', () => {
  const rule = (chain: string, ip: string, target: string) => `-A ${chain} -d ${ip}/32 -p tcp -m tcp --dport 80 -j ${target}`

  it('[DIFF2] where upstream has no order there is none; elsewhere a rule that moved is told as such', () => {
    const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((ip, index) => rule('KUBE-SERVICES', ip, `KUBE-SVC-${index}`))
    if (a === undefined || b === undefined || c === undefined) throw new Error()
    expect(compareChain('nat KUBE-SERVICES', [a, b, c], [c, a, b])).toMatchObject({ change: 'same', isUnordered: true })
    expect(compareChain('nat KUBE-SERVICES', [a, a], [a])).toMatchObject({ change: 'changed', missing: 1, extra: 0 })
    expect(compareChain('nat KUBE-SVC-X', [a, b, c], [b, c, a])).toMatchObject({
      change: 'changed',
      moved: 1,
      missing: 0,
      extra: 0,
    })
  })

  it('[DIFF3] one rule in two forms is a changed rule, not two', () => {
    const first = [rule('A', '10.0.0.1', 'X'), rule('A', '10.0.0.2', 'Y')]
    const second = [rule('A', '10.0.0.1', 'X'), rule('A', '10.0.0.2', 'DROP'), '-A A -s 192.0.2.0/24 -j ACCEPT']
    expect(compareChain('filter A', first, second)).toMatchObject({ missing: 0, extra: 1, changed: 1, moved: 0 })
    expect(compareChain('filter A', undefined, second)).toMatchObject({ change: 'added', extra: 3 })
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
