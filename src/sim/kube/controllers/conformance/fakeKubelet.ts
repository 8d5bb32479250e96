import type { PodCondition, PodStatus } from '../../../../generated/kubeTypes.js'
import { MS, SECOND, toTimestamp } from '../../../core/time.js'
import type { ApiClient } from '../../api/client.js'
import type { StoredOf } from '../../api/resources.js'
import type { Ctx } from '../../context.js'
import { isPodTerminal } from '../pods.js'
import { hasLabels } from '../selectors.js'
import type { StoryNodes, StoryWorld } from './storyWorld.js'

export interface KubeletRule {
  readonly match?: { readonly image?: string; readonly labels?: Readonly<Record<string, string>>; readonly name?: string }
  readonly behave?: string
  readonly start?: number
  readonly stop?: number
  readonly runFor?: number
  readonly exit?: number
  readonly stopExit?: number
}

export interface KubeletConfig {
  readonly defaults: KubeletRule & { readonly gap: number }
  readonly rules: readonly KubeletRule[]
}

type StoredPod = StoredOf<'pods'>

interface Action {
  readonly due: number
  readonly what: (ctx: Ctx, api: ApiClient) => void
}

/** How long the stand-in takes to notice a deletion; bindings reach it sooner. */
const NOTICE = 4 * MS

/**
 * Stands in for kubelets as the recorded stories' own did: one queue for each namespace, actions at least `gap` apart, in the order in
 * which their reasons were seen, among those that are due.
 */
export class FakeKubelet {
  config: KubeletConfig = { defaults: { start: 1, stop: 1.3, gap: 0.4, behave: 'ready' }, rules: [] }
  readonly #story: StoryWorld
  readonly #nodes: StoryNodes
  readonly #queues = new Map<string, Action[]>()
  readonly #last = new Map<string, number>()
  readonly #started = new Set<string>()
  readonly #stopping = new Set<string>()
  #address = 0

  constructor(story: StoryWorld, nodes: StoryNodes) {
    this.#story = story
    this.#nodes = nodes
    story.onChange((change, ctx) => {
      if (change.resource !== 'pods' || change.type === 'DELETED') return
      this.#look(change.object as StoredPod, ctx)
    })
  }

  #rule(pod: StoredPod): KubeletRule {
    let rule: KubeletRule = this.config.defaults
    for (const each of this.config.rules) {
      const { image, labels, name } = each.match ?? {}
      if (image !== undefined && !(pod.spec?.containers ?? []).some((one) => one.image?.includes(image))) continue
      if (labels !== undefined && !hasLabels(labels, pod.metadata.labels)) continue
      if (name !== undefined && !new RegExp(name).test(pod.metadata.name)) continue
      rule = { ...rule, ...each }
    }
    return rule
  }

  #look(pod: StoredPod, ctx: Ctx): void {
    const node = pod.spec?.nodeName ?? ''
    if (node === '') return
    const { uid } = pod.metadata
    const rule = this.#rule(pod)
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (this.#stopping.has(uid)) return
      this.#stopping.add(uid)
      const due = ctx.now + (rule.stop ?? 1.3) * SECOND
      this.#story.later(NOTICE, () => this.#add(pod, due, () => this.#stop(pod, rule)))
      return
    }
    if (this.#started.has(uid) || isPodTerminal(pod)) return
    this.#started.add(uid)
    this.#add(pod, ctx.now + (rule.start ?? 1) * SECOND, (now, api) => this.#start(pod, rule, now, api))
  }

  #add(pod: StoredPod, due: number, what: Action['what']): void {
    const namespace = pod.metadata.namespace ?? ''
    const action = {
      due,
      what: (ctx: Ctx, api: ApiClient) => (this.#nodes.isRunning(pod.spec?.nodeName ?? '') ? what(ctx, api) : undefined),
    }
    const queue = this.#queues.get(namespace) ?? []
    this.#queues.set(namespace, queue)
    queue.push(action)
    this.#wake(namespace)
  }

  #wake(namespace: string): void {
    const queue = this.#queues.get(namespace) ?? []
    const first = Math.min(...queue.map((each) => each.due))
    if (!Number.isFinite(first)) return
    const now = this.#story.world.now
    const free = (this.#last.get(namespace) ?? Number.NEGATIVE_INFINITY) + this.config.defaults.gap * SECOND
    this.#story.later(Math.max(0, first - now, free - now), (ctx, api) => {
      const open = (this.#last.get(namespace) ?? Number.NEGATIVE_INFINITY) + this.config.defaults.gap * SECOND
      if (ctx.now < open) return
      const index = queue.findIndex((each) => each.due <= ctx.now)
      const action = queue[index]
      if (action === undefined) return
      queue.splice(index, 1)
      this.#last.set(namespace, ctx.now)
      action.what(ctx, api)
      this.#wake(namespace)
    })
  }

  #start(pod: StoredPod, rule: KubeletRule, ctx: Ctx, api: ApiClient): void {
    const behave = rule.behave ?? 'ready'
    const status = behave === 'badImage' ? 'Pending' : 'Running'
    const isReady = behave !== 'badImage' && behave !== 'notReady' && behave !== 'crash'
    if (!this.#write(pod, api, (before) => this.#status(before, pod, status, isReady, ctx))) return
    if (behave !== 'succeed' && behave !== 'fail') return
    const due = ctx.now + (rule.runFor ?? 1) * SECOND
    this.#add(pod, due, (now, client) =>
      this.finish(pod, behave === 'succeed' ? 'Succeeded' : 'Failed', now, client, {
        exitCode: rule.exit ?? (behave === 'succeed' ? 0 : 1),
      }),
    )
  }

  #stop(pod: StoredPod, rule: KubeletRule): void {
    this.#story.later(0, (ctx, client) => {
      this.finish(pod, rule.stopExit === undefined ? 'Succeeded' : 'Failed', ctx, client, { exitCode: rule.stopExit ?? 0 })
      client.delete('pods', keyOfPod(pod), { gracePeriodSeconds: 0, preconditionUid: pod.metadata.uid })
    })
  }

  setReady(pod: StoredPod, isReady: boolean, ctx: Ctx, api: ApiClient): void {
    this.#write(pod, api, (before) => this.#status(before, pod, 'Running', isReady, ctx))
  }

  /** Ends a Pod's containers. */
  finish(
    pod: StoredPod,
    phase: 'Succeeded' | 'Failed',
    ctx: Ctx,
    api: ApiClient,
    extra: { readonly exitCode?: number; readonly reason?: string; readonly message?: string } = {},
  ): void {
    const reason = phase === 'Failed' ? 'PodFailed' : 'PodCompleted'
    const { exitCode = phase === 'Failed' ? 1 : 0, ...told } = extra
    const time = toTimestamp(ctx.now)
    this.#write(pod, api, (before) => ({
      ...before,
      ...told,
      phase,
      conditions: conditions(before, time, {
        PodReadyToStartContainers: { status: 'False' },
        Initialized: phase === 'Succeeded' ? { status: 'True', reason } : { status: 'True' },
        Ready: { status: 'False', reason },
        ContainersReady: { status: 'False', reason },
        PodScheduled: { status: 'True' },
      }),
      containerStatuses: (pod.spec?.containers ?? []).map(({ name, image = '' }) => ({
        name,
        image,
        imageID: '',
        ready: false,
        restartCount: 0,
        started: false,
        state: {
          terminated: {
            exitCode,
            reason: exitCode === 0 ? 'Completed' : 'Error',
            startedAt: before.startTime ?? time,
            finishedAt: time,
          },
        },
      })),
    }))
  }

  #status(before: PodStatus, pod: StoredPod, phase: string, isReady: boolean, ctx: Ctx): PodStatus {
    const time = toTimestamp(ctx.now)
    const names = (pod.spec?.containers ?? []).map((each) => each.name).join(' ')
    const unready = { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` }
    const ready = isReady ? { status: 'True' } : unready
    const podIP = before.podIP ?? `10.244.1.${++this.#address}`
    return {
      ...before,
      phase,
      conditions: conditions(before, time, {
        PodReadyToStartContainers: { status: 'True' },
        Initialized: { status: 'True' },
        Ready: ready,
        ContainersReady: ready,
        PodScheduled: { status: 'True' },
      }),
      startTime: before.startTime ?? time,
      podIP,
      podIPs: [{ ip: podIP }],
      hostIP: '172.18.1.1',
    }
  }

  #write(pod: StoredPod, api: ApiClient, next: (before: PodStatus) => PodStatus): boolean {
    const fresh = api.get('pods', keyOfPod(pod))
    if (!fresh.ok || fresh.value.metadata.uid !== pod.metadata.uid) return false
    const updated = api.updateStatus('pods', { ...fresh.value, status: next(fresh.value.status ?? {}) })
    if (!updated.ok) throw new Error(`${keyOfPod(pod)}: ${updated.error.message}`)
    return true
  }
}

/** These conditions in this order; others, such as DisruptionTarget, stay. */
function conditions(
  before: PodStatus,
  time: string,
  wanted: Readonly<Record<string, Omit<PodCondition, 'type'>>>,
): readonly PodCondition[] {
  const old = before.conditions ?? []
  const own = Object.entries(wanted).map(([type, each]) => {
    const same = old.find((one) => one.type === type)
    const kept = same?.status === each.status ? same.lastTransitionTime : undefined
    return { type, ...each, lastTransitionTime: kept ?? time }
  })
  return [...own, ...old.filter((each) => wanted[each.type] === undefined)]
}

function keyOfPod(pod: StoredPod): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
}
