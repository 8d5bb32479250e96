import { describe, expect, it } from 'vitest'
import { driveCluster, webManifests } from '../../../testing/clusterDriver.js'
import type { Step } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { SECOND } from '../../core/time.js'
import { openApi } from '../api/openApi.js'
import { applyFault } from '../faults/faults.js'
import { traceRequest } from '../traffic/traceRequest.js'
import { rulesText } from './rulesText.js'

const NODES = [{ name: 'control-plane', role: 'control-plane' } as const, { name: 'node1', role: 'worker' } as const]

function open(mode: 'iptables' | 'nftables', kubeProxy?: Readonly<Record<string, unknown>>) {
  const given = kubeProxy === undefined ? {} : { kubeProxy: { kind: 'KubeProxyConfiguration', ...kubeProxy } }
  const driver = driveCluster({ cluster: { kubeProxyMode: mode, nodes: NODES }, objects: webManifests(2), ...given })
  driver.settle()
  driver.run(7)
  const dns = { kind: 'packet', at: 'node1', src: '172.18.0.11', dst: '10.96.0.10:53', proto: 'tcp' } as const
  return {
    ...driver,
    rules: () => rulesText(driver.world, 'node1'),
    /** What becomes of a connection to the cluster's DNS. */
    reach: () => {
      const traced = traceRequest(driver.world, dns)
      return traced.ok ? traced.value.outcomes[0]?.verdict : traced.error.message
    },
    syncs: (): readonly Step[] =>
      driver.steps.filter((step) => step.kind.startsWith('proxy-sync') && step.from === thing.kubeProxy('node1')),
    /** Some change of a Service. */
    change: (name: string) =>
      driver.act((ctx) => {
        const api = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
        const spec = { ports: [{ port: 80, protocol: 'TCP' as const }] }
        expect(api.create('services', { metadata: { name, namespace: 'default' }, spec } as never)).toMatchObject({ ok: true })
      }),
  }
}

describe('rules that somebody flushes (iptables)', () => {
  it('[FL1] are gone with their chains, while policies stay; the cluster counts as settled', () => {
    const { world, rules, fault, reach } = open('iptables')
    expect(reach()).toBe('delivered')
    const { foreground } = world
    fault('flush-rules', 'node/node1')
    expect(rules()).not.toContain('KUBE-')
    expect(rules()).not.toMatch(/^-A/m)
    expect(rules()).toContain(':FORWARD ACCEPT [0:0]')
    expect(reach()).not.toBe('delivered')
    expect(world.foreground).toBe(foreground)
  })

  it('[FL2] come back within a syncPeriod, told in the flow of the flush', () => {
    const { world, rules, fault, run, steps, syncs, reach } = open('iptables')
    const before = rules()
    const at = world.now
    const told = syncs().length
    fault('flush-rules', 'node/node1')
    run(30)
    expect(rules()).toBe(before)
    expect(reach()).toBe('delivered')
    const flushed = steps.find((step) => step.kind === 'fault')
    const sync = syncs()[told]
    expect(sync).toMatchObject({ kind: 'proxy-sync', flow: flushed?.flow, facts: { rulesBefore: 0 } })
    expect(sync?.cause).toBe(flushed?.id)
    expect((sync?.at ?? 0) - at).toBeLessThanOrEqual(30 * SECOND)
    expect(syncs()).toHaveLength(told + 1)
  })

  it.each([
    ['5s', 4.9, 5],
    ['2m', 60, 120],
  ] as const)('[FL3] are looked for every syncPeriod of the configuration: %s', (syncPeriod, early, late) => {
    const driver = open('iptables', { iptables: { syncPeriod }, clusterCIDR: '10.244.0.0/16' })
    // Right after a look.
    const written = driver.world.parts.proxy.processes.get('node1')?.fullSyncAt ?? 0
    const period = late * SECOND
    const seconds = (period - ((driver.world.now - written) % period)) / SECOND
    driver.run(seconds)
    driver.fault('flush-rules', 'node/node1')
    driver.run(early)
    expect(driver.rules()).not.toContain('KUBE-')
    driver.run(late - early)
    expect(driver.rules()).toContain('KUBE-SERVICES')
  })

  it('[FL4] let the next change fail, and then come back all together', () => {
    const { world, rules, fault, change, run, settle, syncs } = open('iptables')
    // Just before it looks, so that the look is far off.
    const written = world.parts.proxy.processes.get('node1')?.fullSyncAt ?? 0
    run((30 * SECOND - ((world.now - written) % (30 * SECOND))) / SECOND)
    fault('flush-rules', 'node/node1')
    change('a')
    run(2)
    expect(syncs().at(-1)).toMatchObject({ kind: 'proxy-sync-failed', facts: { node: 'node1', services: ['default/a'] } })
    expect(rules()).not.toContain('KUBE-SERVICES')
    change('b')
    run(2)
    expect(syncs().at(-1)).toMatchObject({ kind: 'proxy-sync' })
    expect(rules()).toContain('default/a has no endpoints')
    expect(rules()).toContain('default/b has no endpoints')
    settle()
    expect(syncs().filter((step) => step.kind === 'proxy-sync-failed')).toHaveLength(1)
  })

  it('[FL5] cannot be flushed twice, nor on a machine without rules', () => {
    const { act, fault } = open('iptables')
    fault('flush-rules', 'node/node1')
    act((ctx) => {
      const again = applyFault(ctx, { fault: 'flush-rules', target: 'node/node1', active: true })
      expect(again).toMatchObject({ error: 'already-so' })
      const nobody = applyFault(ctx, { fault: 'flush-rules', target: 'node/node9', active: true })
      expect(nobody).toMatchObject({ error: 'no-such-thing' })
    })
  })

  it('[FL6] stay away while kube-proxy does not run, and come back with it', () => {
    const { rules, fault, run } = open('iptables')
    fault('stop-kube-proxy', 'kube-proxy/node1')
    fault('flush-rules', 'node/node1')
    run(120)
    expect(rules()).not.toContain('KUBE-')
    fault('stop-kube-proxy', 'kube-proxy/node1', false)
    run(2)
    expect(rules()).toContain('KUBE-SERVICES')
  })
})

describe('rules that somebody flushes (nftables)', () => {
  it('[FL7] are not missed until something changes: then that fails, and all are written a syncPeriod later', () => {
    const { rules, fault, change, run, reach, syncs } = open('nftables')
    fault('flush-rules', 'node/node1')
    expect(rules()).not.toContain('kube-proxy')
    run(120)
    expect(rules()).not.toContain('kube-proxy')
    expect(reach()).not.toBe('delivered')
    change('a')
    run(10)
    expect(syncs().at(-1)).toMatchObject({ kind: 'proxy-sync-failed', facts: { mode: 'nftables' } })
    run(25)
    expect(syncs().at(-1)).toMatchObject({ kind: 'proxy-sync' })
    expect(reach()).toBe('delivered')
  })
})
