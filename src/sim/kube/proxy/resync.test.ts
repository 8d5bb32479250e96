import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../testing/clusterDriver.js'
import { driveCluster } from '../../../testing/clusterDriver.js'
import { thing } from '../../core/thing.js'
import { SECOND } from '../../core/time.js'
import { parseNftRuleset } from '../../net/nft/ruleset.js'
import type { Manifest } from '../api/client.js'
import { openApi } from '../api/openApi.js'
import type { ResourceName } from '../api/resources.js'
import type { Ctx } from '../context.js'
import { traceRequest } from '../traffic/traceRequest.js'
import { rulesText } from './rulesText.js'

function apiOf(ctx: Ctx) {
  return openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
}

function service(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80, protocol: 'TCP' }] },
  }
}

/** A slice of so many endpoints; no slice holds more than a thousand. */
function slice(name: string, ofService: string, count: number, first = 0): Manifest {
  const address = (n: number): string => `10.${200 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': ofService } },
    addressType: 'IPv4',
    ports: [{ port: 80, protocol: 'TCP' }],
    endpoints: Array.from({ length: count }, (_, n) => ({ addresses: [address(first + n)], conditions: { ready: true } })),
  }
}

function create(driver: Driver, resource: ResourceName, manifest: Manifest, seconds = 3): void {
  driver.act((ctx) => {
    const made = apiOf(ctx).create(resource, manifest)
    expect(made.ok ? '' : made.error.message).toBe('')
  })
  driver.run(seconds)
}

function remove(driver: Driver, resource: ResourceName, name: string, seconds = 3): void {
  driver.act((ctx) => expect(apiOf(ctx).delete(resource, `default/${name}`).ok).toBe(true))
  driver.run(seconds)
}

function open(mode: 'iptables' | 'nftables', objects: readonly Manifest[]): Driver {
  const nodes = [{ name: 'control-plane', role: 'control-plane' } as const, { name: 'node1', role: 'worker' } as const]
  const driver = driveCluster({ cluster: { kubeProxyMode: mode, nodes }, objects })
  driver.settle()
  driver.run(3)
  return driver
}

function chainsOf({ world }: Driver, ...names: readonly string[]): readonly string[] {
  const lines = rulesText(world, 'node1').split('\n')
  return lines.filter((line) => names.some((name) => line.startsWith(`:${name}`))).map((line) => line.split(' ')[0] ?? '')
}

function commentsOf({ world }: Driver, about: string): number {
  return rulesText(world, 'node1').split(`--comment "${about}`).length - 1
}

describe('what stands in the kernel after a change (iptables)', () => {
  it('[RS1] chains out of use go at once', () => {
    const driver = open('iptables', [service('a'), slice('a', 'a', 2)])
    expect(chainsOf(driver, 'KUBE-SEP-')).toHaveLength(2 + 1 + 6)
    remove(driver, 'services', 'a')
    expect(chainsOf(driver, 'KUBE-SEP-')).toHaveLength(1 + 6)
  })

  it('[RS2] above 1,000 endpoints they are looked for once in a sync period; comments change with their Service alone', () => {
    const objects = [service('a'), slice('a', 'a', 2), service('big'), slice('big', 'big', 900, 1_000), service('more')]
    const driver = open('iptables', objects)
    driver.run(40)
    expect(commentsOf(driver, 'default/a ->')).toBe(2)
    expect(commentsOf(driver, 'default/big ->')).toBe(900)
    create(driver, 'endpointslices', slice('more', 'more', 200, 3_000))
    // What did not change keeps its comments until everything is written anew.
    expect([commentsOf(driver, 'default/a ->'), commentsOf(driver, 'default/more ->')]).toEqual([2, 0])
    const before = chainsOf(driver, 'KUBE-SEP-').length
    create(driver, 'services', service('b'))
    create(driver, 'endpointslices', slice('b', 'b', 1, 9_000))
    remove(driver, 'services', 'a')
    expect(chainsOf(driver, 'KUBE-SEP-')).toHaveLength(before + 1)
    expect(commentsOf(driver, 'default/a cluster IP')).toBe(1)
    driver.run(30)
    create(driver, 'services', service('c'))
    expect(chainsOf(driver, 'KUBE-SEP-')).toHaveLength(before + 1 - 2)
    expect(commentsOf(driver, 'default/a')).toBe(0)
    expect(commentsOf(driver, 'default/big ->')).toBe(900)
  })

  it('[RS3] once an hour everything is written anew, but not where there are many endpoints', () => {
    const driver = open('iptables', [service('big'), slice('big', 'big', 900, 1_000), service('more')])
    const writtenAt = () => driver.world.parts.proxy.processes.get('node1')?.fullSyncAt ?? 0
    const first = writtenAt()
    driver.run(3_590)
    expect(writtenAt()).toBe(first)
    driver.run(20)
    expect(writtenAt() - first).toBeGreaterThan(3_600 * SECOND)
    create(driver, 'endpointslices', slice('more', 'more', 200, 3_000))
    const second = writtenAt()
    driver.run(3_660)
    expect(writtenAt()).toBe(second)
    expect(commentsOf(driver, 'default/big ->')).toBe(900)
  }, 60_000)
})

describe('what stands in the kernel after a change (nftables)', () => {
  const emptyChains = ({ world }: Driver): readonly string[] =>
    [...rulesText(world, 'node1').matchAll(/chain (\S+) \{\n\t\}/g)].map((each) => each[1] ?? '')

  it('[RS4] a chain out of use is emptied, and deleted by a sync more than a second later', () => {
    const driver = open('nftables', [service('a'), slice('a', 'a', 2)])
    expect(emptyChains(driver)).toEqual([])
    remove(driver, 'services', 'a')
    const [left, ...more] = emptyChains(driver)
    expect(left).toMatch(/^service-[A-Z2-7]{8}-default\/a\/tcp\/$/)
    expect(more).toEqual([])
    expect(parseNftRuleset(rulesText(driver.world, 'node1')).ok).toBe(true)
    driver.run(60)
    expect(emptyChains(driver)).toEqual([left])
    create(driver, 'services', service('b'))
    expect(emptyChains(driver)).toEqual([])
  })

  it('[RS5] a Service that comes back takes its chain back', () => {
    const driver = open('nftables', [service('a'), slice('a', 'a', 1)])
    remove(driver, 'endpointslices', 'a')
    expect(emptyChains(driver)).toHaveLength(1)
    create(driver, 'endpointslices', slice('a', 'a', 1))
    expect(emptyChains(driver)).toEqual([])
    const traced = traceRequest(driver.world, { kind: 'request', from: 'node/node1', to: 'a.default:80', proto: 'tcp' })
    expect(traced.ok ? traced.value.outcomes[0]?.to : traced.error).toMatchObject({ ip: '10.200.0.0' })
  })
})
