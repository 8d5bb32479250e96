import { expect } from 'vitest'
import { enqueue, nextEventAt, runNext } from '../sim/core/engine.js'
import type { Step } from '../sim/core/step.js'
import { SECOND } from '../sim/core/time.js'
import type { Manifest } from '../sim/kube/api/client.js'
import type { ClusterSpec } from '../sim/kube/bootstrap/clusterSpec.js'
import { createCluster } from '../sim/kube/bootstrap/createCluster.js'
import type { Ctx, World } from '../sim/kube/context.js'
import { listStored } from '../sim/kube/etcd/store.js'
import type { FaultCode } from '../sim/kube/faults/faultKinds.js'
import { applyFault } from '../sim/kube/faults/faults.js'
import type { Messages } from '../sim/kube/messages.js'
import type { Parts } from '../sim/kube/parts.js'
import { behaviours } from '../sim/kube/registry.js'

type DriverMessages = Messages & { test: (ctx: Ctx) => void }

/** A cluster under test, with the means to let time pass and to act on it. */
export interface Driver {
  readonly world: World
  readonly steps: Step[]
  /** Until nothing but background work is left. */
  settle(): void
  /** Lets so many virtual seconds pass. */
  run(seconds: number): void
  /** Does something within one event. */
  act(what: (ctx: Ctx) => void): void
  fault(code: FaultCode, target: string, active?: boolean): void
}

/** Makes a cluster and a driver for it. @throws Error when it does not settle within 400,000 events. */
export function driveCluster(spec: Partial<ClusterSpec> = {}): Driver {
  const world = createCluster({ seed: 'test', ...spec })
  const steps: Step[] = []
  const all = { ...behaviours, test: (ctx: Ctx, what: (ctx: Ctx) => void) => what(ctx) }
  const next = (): boolean => runNext<Parts, DriverMessages>(world, all as never, (step) => steps.push(step))
  const act = (what: (ctx: Ctx) => void): void => {
    enqueue<Parts, DriverMessages, 'test'>(world, { to: { kind: 'test' }, message: what, at: world.now, flow: 'change-0' })
    // What was due at this very moment comes first.
    for (let guard = 0; guard < 10_000 && world.queue.some((each) => each.to.kind === 'test'); guard++) next()
  }
  return {
    world,
    steps,
    act,
    settle: () => {
      let guard = 0
      while (world.foreground > 0 && next()) if (guard++ > 400_000) throw new Error('does not settle')
    },
    run: (seconds) => {
      const until = world.now + seconds * SECOND
      while ((nextEventAt(world) ?? Number.POSITIVE_INFINITY) <= until) next()
      world.now = until
    },
    fault: (code, target, active = true) =>
      act((ctx) => expect(applyFault(ctx, { fault: code, target, active })).toMatchObject({ ok: true })),
  }
}

export interface PodShape {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly deletionTimestamp?: string
  }
  readonly spec: { readonly nodeName?: string }
  readonly status: {
    readonly phase: string
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly {
      readonly restartCount: number
      readonly state: Readonly<Record<string, { readonly reason?: string }>>
    }[]
  }
}

/** Pods of a Namespace as the API server holds them. */
export function podsOf(world: World, namespace = 'default'): readonly PodShape[] {
  return listStored(world.parts.etcd, 'pods', namespace) as unknown as readonly PodShape[]
}

export function isReadyPod(pod: PodShape): boolean {
  return pod.status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false
}

/** A Deployment `web` with so many replicas, and its LoadBalancer Service. */
export function webManifests(replicas = 2): readonly Manifest[] {
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas,
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
}
