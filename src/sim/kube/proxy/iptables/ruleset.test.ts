import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomService, testNode } from '../../../../testing/kubeProxy/randomServices.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../configuration.js'
import type { ServiceAndSlices } from '../objects.js'
import type { ProxySituation } from './ruleset.js'
import { applyPatch, diffTables, updateIptables, writeIptables } from './ruleset.js'
import { printIptables } from './save.js'

const SITUATION: ProxySituation = { family: 'IPv4', node: testNode('node1'), configuration: DEFAULT_PROXY_CONFIGURATION }

function byKey(services: readonly ServiceAndSlices[]): ReadonlyMap<string, ServiceAndSlices> {
  return new Map(services.map((each) => [each.key, each]))
}

describe('a partial sync', () => {
  it('[PX1] ends with the rules that a full one would write', () => {
    fc.assert(
      fc.property(fc.array(randomService(), { maxLength: 6 }), fc.array(randomService(), { maxLength: 4 }), (before, changes) => {
        const old = byKey(before)
        const now = new Map([...old, ...byKey(changes)])
        const gone = [...old.keys()].find((key) => !byKey(changes).has(key))
        if (gone !== undefined) now.delete(gone)
        const touched = new Map([...byKey(changes), ...(gone === undefined ? [] : [[gone, undefined] as const])])

        const first = writeIptables({ ...SITUATION, services: [...old.values()] })
        const full = writeIptables({ ...SITUATION, services: [...now.values()] })
        const update = updateIptables(first, SITUATION, touched)

        expect(update).toBeDefined()
        if (update === undefined) return
        const patched = applyPatch(first.tables, update.patch)
        expect(printIptables({ ...full, tables: patched })).toBe(printIptables(full))
        expect([...update.state.services.keys()]).toEqual([...full.services.keys()])
        expect(update.state.endpoints).toBe(full.endpoints)
      }),
      { numRuns: 200 },
    )
  })

  it('[PX2] leaves the chains of other Services alone', () => {
    const [a, b] = fc.sample(randomService(), { numRuns: 2, seed: 7 })
    if (a === undefined || b === undefined) throw new Error('no samples')
    const services = [
      { ...a, key: 'default/a' },
      { ...b, key: 'default/b' },
    ]
    const first = writeIptables({ ...SITUATION, services })
    const update = updateIptables(first, SITUATION, new Map([['default/b', undefined]]))
    const ofA = first.services.get('default/a')?.ports.flatMap(({ rules }) => [...rules.chains.keys()]) ?? []
    for (const chain of ofA) expect(update?.patch.get('nat')?.has(chain)).not.toBe(true)
  })

  it('[PX3] is refused when the configuration changed', () => {
    const first = writeIptables({ ...SITUATION, services: [] })
    const other = { ...SITUATION, configuration: { ...DEFAULT_PROXY_CONFIGURATION, masqueradeAll: true } }
    expect(updateIptables(first, other, new Map())).toBeUndefined()
  })
})

describe('rules of a Node', () => {
  it('[PX4] leave comments of endpoints out above 1,000 of them', () => {
    const many = (count: number): ServiceAndSlices => ({
      key: 'default/web',
      service: { metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.96.0.10', ports: [{ port: 80 }] } },
      slices: [
        {
          addressType: 'IPv4',
          metadata: { name: 'web-1', namespace: 'default' },
          ports: [{ port: 80 }],
          endpoints: Array.from({ length: count }, (_, index) => ({ addresses: [`10.244.${index >> 8}.${index & 255}`] })),
        },
      ],
    })
    const below = printIptables(writeIptables({ ...SITUATION, services: [many(1_000)] }))
    const above = printIptables(writeIptables({ ...SITUATION, services: [many(1_001)] }))
    expect(below).toContain('default/web -> 10.244.0.0:80')
    expect(above).not.toContain('default/web ->')
    expect(above).toContain('--comment "default/web cluster IP"')
    expect(above).toMatch(/-A KUBE-SEP-\w+ -p tcp -m tcp -j DNAT --to-destination 10\.244\.0\.0:80\n/)
  })

  it('[PX5] of IPv6 use its own masks and refuse loopback NodePorts', () => {
    const text = printIptables(
      writeIptables({
        ...SITUATION,
        family: 'IPv6',
        services: [
          {
            key: 'default/web',
            service: {
              metadata: { name: 'web', namespace: 'default' },
              spec: { type: 'NodePort', clusterIP: 'fd00::a', ports: [{ port: 80, nodePort: 30080 }] },
            },
            slices: [],
          },
        ],
      }),
    )
    expect(text).toContain('-A KUBE-SERVICES ! -d ::1/128 -m comment')
    expect(text).toContain('-d fd00::a/128 -p tcp')
    expect(text).toContain('-j REJECT --reject-with icmp6-port-unreachable')
    expect(text).not.toContain('localhost_nps_accepted_pkts')
  })

  it('[PX6] that are written again differ in nothing', () => {
    const services = fc.sample(randomService(), { numRuns: 3, seed: 1 })
    const once = writeIptables({ ...SITUATION, services })
    expect(diffTables(once.tables, writeIptables({ ...SITUATION, services }).tables).size).toBe(0)
  })
})
