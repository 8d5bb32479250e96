import type { Behaviours } from '../../../core/engine.js'
import { enqueue, nextEventAt, runNext } from '../../../core/engine.js'
import type { SimTime } from '../../../core/time.js'
import { MS, SECOND, toMicroTimestamp, toTimestamp } from '../../../core/time.js'
import { createWorld } from '../../../core/world.js'
import type { ApiClient } from '../../api/client.js'
import type { WatchChange } from '../../api/informer.js'
import { applyWatch, startInformer } from '../../api/informer.js'
import { RESOURCE_LIST } from '../../api/kinds.js'
import { openApi } from '../../api/openApi.js'
import { restoreObjects } from '../../api/restore.js'
import type { Ctx, World } from '../../context.js'
import type { Messages } from '../../messages.js'
import type { Parts } from '../../parts.js'
import { behaviours, createParts } from '../../registry.js'
import { createSchedulerPart } from '../../scheduler/part.js'
import { schedulerBehaviour } from '../../scheduler/scheduler.js'
import { MANAGER } from '../messages.js'
import { createControllersPart } from '../part.js'

type TestMessages = Messages & { readonly test: { readonly what: (ctx: Ctx) => void } }

/** A cluster of real API server, controllers and scheduler, with what a test does in place of kubelets. */
export interface StoryWorld {
  readonly world: World
  /** Does something within a handling of its own, at once. */
  act<T>(what: (ctx: Ctx, api: ApiClient) => T): T
  /** Does something later. */
  later(delay: SimTime, what: (ctx: Ctx, api: ApiClient) => void): void
  /** Lets virtual time pass. */
  pass(time: SimTime): void
  onChange(listener: (change: WatchChange, ctx: Ctx) => void): void
}

export function openStoryWorld(): StoryWorld {
  const parts = {
    ...createParts(),
    scheduler: createSchedulerPart(),
    controllers: createControllersPart({
      settings: { nodeMonitorPeriod: SECOND, nodeMonitorGracePeriod: 10 * SECOND, hpaSyncPeriod: 5 * SECOND },
    }),
    cluster: { machines: new Map(), frozenPods: new Set(), config: { restored: true } },
  } as unknown as Parts
  const world = createWorld<Parts>('stories', parts)
  const listeners: ((change: WatchChange, ctx: Ctx) => void)[] = []
  const all = {
    ...behaviours,
    scheduler: schedulerBehaviour,
    kubelet: (ctx: Ctx, message: Parameters<typeof applyWatch>[1]) => {
      for (const change of applyWatch(ctx, message)) for (const listener of listeners) listener(change, ctx)
    },
    test: (ctx: Ctx, message: TestMessages['test']) => message.what(ctx),
  } as unknown as Behaviours<Parts, TestMessages>
  const record = (): void => undefined
  const send = (at: SimTime, what: (ctx: Ctx, api: ApiClient) => void): void => {
    const message = { what: (ctx: Ctx) => what(ctx, openApi(ctx, { name: 'kubernetes-admin', thing: 'client/admin' })) }
    enqueue<Parts, TestMessages, 'test'>(world, { to: { kind: 'test' }, message, at, flow: 'change-1' })
  }
  const runUntil = (at: SimTime): void => {
    for (;;) {
      const next = nextEventAt(world)
      if (next === undefined || next > at) break
      runNext(world, all, record)
    }
    world.now = at
  }
  const story: StoryWorld = {
    world,
    act(what) {
      const result: { value?: ReturnType<typeof what> } = {}
      let done = false
      send(world.now, (ctx, api) => {
        result.value = what(ctx, api)
        done = true
      })
      while (!done) runNext(world, all, record)
      return result.value as ReturnType<typeof what>
    },
    later: (delay, what) => send(world.now + delay, what),
    pass: (time) => runUntil(world.now + time),
    onChange: (listener) => listeners.push(listener),
  }
  begin(story)
  return story
}

function begin(story: StoryWorld): void {
  story.act((ctx) => {
    const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    }))
    restoreObjects(ctx, namespaces)
    startInformer(
      { ...ctx, self: { kind: 'kubelet', instance: 'story' } },
      RESOURCE_LIST.map((each) => each.resource).filter((each) => each !== 'bindings'),
    )
    ctx.send({ kind: 'controller', instance: MANAGER }, { type: 'start' })
    ctx.send({ kind: 'scheduler' }, { type: 'start' })
  })
  story.pass(500 * MS)
}

const CONDITIONS: readonly (readonly [string, string, string, string])[] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
]

/** Node objects and their heartbeats. */
export class StoryNodes {
  readonly #story: StoryWorld
  readonly #running = new Map<string, number>()
  #count = 0

  constructor(story: StoryWorld) {
    this.#story = story
  }

  isRunning(name: string): boolean {
    return this.#running.has(name)
  }

  add(name: string): void {
    const number = ++this.#count
    this.#story.act((ctx, api) => {
      const resources = { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: '250' }
      const made = api.create('nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name,
          labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
        },
        status: {
          capacity: resources,
          allocatable: resources,
          conditions: this.#conditions(ctx.now, 'True'),
          addresses: [
            { type: 'InternalIP', address: `172.18.1.${number}` },
            { type: 'Hostname', address: name },
          ],
        },
      })
      if (!made.ok) throw new Error(made.error.message)
    })
    this.#beat(name, number)
  }

  stop(name: string): void {
    this.#running.delete(name)
  }

  start(name: string): void {
    this.setReady(name, true)
    this.#beat(name, ++this.#count)
  }

  setReady(name: string, isReady: boolean): void {
    this.#story.act((ctx, api) => {
      const node = api.get('nodes', name)
      if (!node.ok) throw new Error(node.error.message)
      const conditions = this.#conditions(ctx.now, isReady ? 'True' : 'False')
      const updated = api.updateStatus('nodes', { ...node.value, status: { ...node.value.status, conditions } })
      if (!updated.ok) throw new Error(updated.error.message)
    })
  }

  #conditions(now: SimTime, ready: string) {
    const time = toTimestamp(now)
    return CONDITIONS.map(([type, status, reason, message]) => ({
      type,
      status: type === 'Ready' ? ready : status,
      lastHeartbeatTime: time,
      lastTransitionTime: time,
      reason: type === 'Ready' && ready === 'False' ? 'KubeletNotReady' : reason,
      message: type === 'Ready' && ready === 'False' ? 'container runtime is down' : message,
    }))
  }

  #beat(name: string, life: number): void {
    this.#running.set(name, life)
    const renew = (ctx: Ctx, api: ApiClient): void => {
      if (this.#running.get(name) !== life) return
      const key = `kube-node-lease/${name}`
      const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: toMicroTimestamp(ctx.now) }
      const lease = api.get('leases', key)
      if (lease.ok) api.update('leases', { ...lease.value, spec })
      else
        api.create('leases', {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name, namespace: 'kube-node-lease' },
          spec,
        })
      this.#story.later(2 * SECOND, renew)
    }
    this.#story.later(0, renew)
  }
}
