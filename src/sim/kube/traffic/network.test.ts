import { describe, expect, it } from 'vitest'
import { digestOf } from '../../core/digest.js'
import { enqueue, runNext } from '../../core/engine.js'
import type { Step } from '../../core/step.js'
import { snapshotWorld } from '../../core/world.js'
import { listConnections } from '../../net/ledger.js'
import type { Manifest } from '../api/client.js'
import { createCluster } from '../bootstrap/createCluster.js'
import type { World } from '../context.js'
import type { Messages } from '../messages.js'
import type { Parts } from '../parts.js'
import { behaviours } from '../registry.js'
import type { RequestSpec } from './requestSpec.js'
import { traceRequest } from './traceRequest.js'

const OBJECTS: readonly Manifest[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'traefik/whoami:v1.11', ports: [{ containerPort: 80 }] }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 80 }] },
  },
]

function settle(world: World, steps: Step[] = []): Step[] {
  for (let guard = 0; world.foreground > 0; guard++) {
    if (guard > 400_000) throw new Error('does not settle')
    runNext<Parts, Messages>(world, behaviours as never, (step) => steps.push(step))
  }
  return steps
}

let settled: World | undefined

/** A default cluster with a Service, at rest; each test has its own copy. */
function cluster(): World {
  if (settled === undefined) {
    settled = createCluster({ seed: 'network', objects: OBJECTS })
    settle(settled)
  }
  return snapshotWorld(settled)
}

function request(world: World, spec: Partial<RequestSpec> & Pick<RequestSpec, 'to'>, flow = 'request-1'): readonly Step[] {
  const whole: RequestSpec = { from: 'client', proto: 'tcp', ...spec }
  enqueue<Parts, Messages, 'network'>(world, {
    to: { kind: 'network' },
    message: { type: 'start', spec: whole },
    at: world.now,
    flow,
  })
  return settle(world).filter((step) => step.flow === flow)
}

function last(steps: readonly Step[]) {
  const done = steps.findLast((step) => step.kind === 'request-done')
  if (done?.kind !== 'request-done') throw new Error('not done')
  return done.facts
}

describe('requests in virtual time', () => {
  it('goes from a client through the load balancer to a Pod and home again, each step caused by one before', () => {
    const world = cluster()
    const steps = request(world, { to: 'service/default/web' })
    expect(last(steps)).toMatchObject({ verdict: 'delivered', asked: 'service/default/web', forced: false })
    const kinds = steps.map((step) => step.kind)
    for (const kind of [
      'packet-sent',
      'lb-choice',
      'packet-link',
      'packet-hook',
      'conntrack',
      'rule',
      'rewrite',
      'route',
      'delivered',
      'answered',
      'connection-rest',
      'request-done',
    ] as const) {
      expect(kinds).toContain(kind)
    }
    const ids = new Set(steps.map((step) => step.id))
    for (const step of steps.slice(1)) expect(ids.has(step.cause ?? 0)).toBe(true)
    const rest = steps.find((step) => step.kind === 'connection-rest')
    expect(rest?.kind === 'connection-rest' && rest.facts.status).toBe(200)
    const times = steps.map((step) => step.at)
    expect([...times].sort((a, b) => a - b)).toEqual(times)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000)
  })

  it('agrees with the trace of the same request', () => {
    const world = cluster()
    const traced = traceRequest(
      world,
      { kind: 'request', from: 'client', to: 'service/default/web', proto: 'tcp' },
      { all: true },
    )
    if (!traced.ok) throw new Error(traced.error.message)
    const done = last(request(world, { to: 'service/default/web' }))
    const same = traced.value.outcomes.filter(
      (outcome) => outcome.to?.ip === done.to?.ip && outcome.sourceSeen === done.sourceSeen,
    )
    expect(same.map((outcome) => outcome.probability)).toContain(done.probability)
    expect(traced.value.outcomes.reduce((sum, each) => sum + each.probability, 0)).toBeCloseTo(1, 9)
  })

  it('is forced to an endpoint, and tells its probability', () => {
    const world = cluster()
    const traced = traceRequest(
      world,
      { kind: 'request', from: 'client', to: 'service/default/web', proto: 'tcp' },
      { all: true },
    )
    if (!traced.ok) throw new Error(traced.error.message)
    for (const outcome of traced.value.outcomes) {
      const endpoint = `${outcome.to?.ip}:${outcome.to?.port}`
      const done = last(request(snapshotWorld(world), { to: 'service/default/web', force: { endpoint } }))
      expect(done).toMatchObject({ forced: true, verdict: 'delivered', to: { ip: outcome.to?.ip } })
      expect(done.probability).toBeGreaterThan(0)
    }
    expect(last(request(world, { to: 'service/default/web', force: { endpoint: '1.2.3.4:5' } })).verdict).toBe('no-route')
  })

  it('sends again on the same connection, which conntrack remembers', () => {
    const world = cluster()
    const first = last(request(world, { to: 'service/default/web' }))
    for (let again = 2; again < 6; again++) {
      const steps = request(world, { to: 'service/default/web', sameConnectionAs: 'request-1' }, `request-${again}`)
      expect(last(steps)).toMatchObject({ verdict: 'delivered', to: first.to })
      expect(steps.some((step) => step.kind === 'rule' && step.facts.table === 'nat')).toBe(false)
    }
  })

  it('tells the connection by the Node that decided', () => {
    const world = cluster()
    const steps = request(world, { to: 'service/default/web' })
    const hook = steps.find((step) => step.kind === 'packet-hook')
    const node = hook?.kind === 'packet-hook' ? hook.facts.host : ''
    const entry = listConnections(world.parts.net, node, world.now).find((each) => each.original.src === '203.0.113.7')
    expect(entry).toMatchObject({ dnat: true, replied: true, state: 'ESTABLISHED' })
  })

  it('keeps two requests of one flow apart', () => {
    const world = cluster()
    const start = (to: string) =>
      enqueue<Parts, Messages, 'network'>(world, {
        to: { kind: 'network' },
        message: { type: 'start', spec: { from: 'client', to, proto: 'tcp' } },
        at: world.now,
        flow: 'request-1',
      })
    start('service/default/web')
    start('172.18.0.11:9')
    const verdicts = settle(world).flatMap((step) => (step.kind === 'request-done' ? [step.facts.verdict] : []))
    expect(verdicts.sort()).toEqual(['delivered', 'refused'])
  })

  it('counts many requests beside the theory', () => {
    const world = cluster()
    const counted = request(world, { from: 'node/node1', to: 'service/default/web', count: 1_000 }).find(
      (step) => step.kind === 'requests-counted',
    )
    if (counted?.kind !== 'requests-counted') throw new Error('not counted')
    expect(counted.facts.results).toHaveLength(3)
    expect(counted.facts.results.reduce((sum, each) => sum + each.seen, 0)).toBe(1_000)
    for (const each of counted.facts.results) {
      expect(each.probability).toBeCloseTo(1 / 3, 8)
      expect(Math.abs(each.seen - 333)).toBeLessThan(80)
    }
  })

  it('a name that DNS does not know is unresolved; one that it knows is asked first', () => {
    const world = cluster()
    expect(last(request(world, { from: 'node/node1', to: 'http://nothing/' })).verdict).toBe('unresolved')
    const steps = request(world, { from: 'node/node1', to: 'http://web.default/' }, 'request-2')
    expect(steps[0]?.kind).toBe('dns')
    expect(last(steps).verdict).toBe('delivered')
  })

  it('waits three seconds for what never comes', () => {
    const world = cluster()
    const begun = world.now
    const steps = request(world, { from: 'pod/kube-system/nobody', to: '10.96.0.99:80' })
    expect(last(steps).verdict).toBe('no-route')
    const pod = [...world.parts.net.hosts.values()].find((host) => host.kind === 'pod')
    const lost = request(world, { from: pod?.name ?? '', to: '10.96.0.99:80' }, 'request-2')
    expect(last(lost).verdict).toBe('timeout')
    expect(world.now - begun).toBeGreaterThanOrEqual(3_000_000)
  })

  it('the same requests on copies of a world give the same world; tracing changes nothing', () => {
    const world = cluster()
    const copy = snapshotWorld(world)
    const before = digestOf(world)
    traceRequest(world, { kind: 'request', from: 'client', to: 'service/default/web', proto: 'tcp' }, { all: true, count: 50 })
    expect(digestOf(world)).toBe(before)
    request(world, { to: 'service/default/web' })
    request(copy, { to: 'service/default/web' })
    expect(digestOf(copy)).toBe(digestOf(world))
  })
})
