import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { tellCounts } from '../../testing/tellCounts.js'
import { explore } from './chooser.js'
import { FIRST_TTL } from './errors.js'
import { followRequest } from './follow.js'
import { createKernel, createScratch } from './kernel.js'
import { layNode } from './layout.js'
import type { Packet } from './packet.js'
import { endpointText } from './packet.js'
import { isLocal } from './routing.js'
import { setRuleset } from './rules/ruleset.js'
import { parseIptablesSave } from './rules/save.js'
import { createNetState } from './state.js'

interface Static {
  readonly nodeIPs: readonly string[]
  readonly flows: readonly {
    readonly name: string
    readonly sourceIP: string
    readonly destIP: string
    readonly destPort: number
    readonly expect: { readonly to?: readonly string[]; readonly masquerade?: boolean; readonly verdict?: string }
  }[]
}

const read = (name: string): string => readFileSync(new URL(`./conformance/data/${name}`, import.meta.url), 'utf8')
const test: Static = JSON.parse(read('trace-static.json'))

tellCounts('rules-upstream/static dump')

it.each(test.flows.map((flow) => [flow.name, flow] as const))("upstream's static dump: %s", (_name, flow) => {
  const net = createNetState()
  layNode(net, { name: 'node', addresses: test.nodeIPs, podCIDRs: [] })
  const parsed = parseIptablesSave(read('trace-static.rules.txt'))
  if (!parsed.ok) throw new Error(`${parsed.error.line}: ${parsed.error.message}`)
  setRuleset(net, 'node', parsed.value)
  const packet: Packet = {
    proto: 'tcp',
    src: flow.sourceIP,
    sport: 40_000,
    dst: flow.destIP,
    dport: flow.destPort,
    ttl: FIRST_TTL,
    mark: 0,
    flags: 'SYN',
  }
  const at = { host: 'node', device: 'eth0' }
  const outcomes = explore((chooser) => {
    const kernel = createKernel({ net, scratch: createScratch(), chooser, random: () => 0.5 })
    const own = isLocal(net, 'node', flow.sourceIP)
    return followRequest(
      kernel,
      own ? { kind: 'own', host: 'node' } : { kind: 'device', transit: { packet, direction: 'request', at, target: at } },
      packet,
    )
  })
  const to = outcomes.map(({ value }) => endpointText(value.to.ip, value.to.port)).sort()
  const verdicts = new Set(outcomes.map(({ value }) => value.verdict))
  if (flow.expect.to !== undefined) {
    expect(to).toEqual([...flow.expect.to].sort())
    for (const { value } of outcomes) expect(value.masqueraded).toBe(flow.expect.masquerade)
  } else if (flow.expect.verdict === 'DROP') expect([...verdicts]).toEqual(['dropped'])
  else if (flow.expect.verdict === 'REJECT') expect([...verdicts]).toEqual(['rejected'])
  else expect(verdicts.has('dropped') || verdicts.has('rejected')).toBe(false)
})
