import { MS, SECOND } from '../../../core/time.js'
import type { ApiClient } from '../../api/client.js'
import { handleRequest } from '../../api/http.js'
import { RESOURCE_LIST } from '../../api/kinds.js'
import type { StoredPod } from '../framework.js'
import { compareCheckpoint, compareSequences, takeCheckpoint } from './compareStory.js'
import { FakeKubelet } from './fakeKubelet.js'
import { storyKubectl } from './storyKubectl.js'
import { StoryRecorder } from './storyRecorder.js'
import type { Json, StoryAction, StoryActions, StoryExpectation } from './storyTypes.js'
import type { StoryWorld } from './storyWorld.js'
import { openStoryWorld, StoryNodes } from './storyWorld.js'
import { compareTransitions, TransitionRecorder } from './transitions.js'
import { OTHER_BATCHES } from './unsupported.js'

const NAMESPACE = 'story'

/** Plays a recorded story against the simulation; returns what differs. */
export function tellStory(
  story: StoryActions,
  expectation: StoryExpectation,
  files: Readonly<Record<string, string>>,
): readonly string[] {
  const world = openStoryWorld()
  const nodes = new StoryNodes(world)
  const kubelet = new FakeKubelet(world, nodes)
  if (story.kubelet !== undefined) kubelet.config = story.kubelet
  const recorder = new StoryRecorder(world, NAMESPACE)
  const transitions = new TransitionRecorder(world)
  const teller = new Teller(world, nodes, kubelet, recorder, files, expectation)
  if (story.lane !== 'cluster') for (const name of ['node1', 'node2', 'node3']) nodes.add(name)
  world.act((_, api) => {
    const made = api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
    if (!made.ok) throw new Error(made.error.message)
  })
  world.pass(2 * SECOND)
  for (const action of story.actions) teller.play(action)
  teller.checkpoint('final')
  teller.differences.push(...compareSequences(expectation, recorder, NAMESPACE))
  const mask = (text: string): string => recorder.mask(text)
  const differ = compareTransitions(expectation.transitions ?? {}, transitions, NAMESPACE, mask)
  if (!OTHER_BATCHES.has(story.id)) teller.differences.push(...differ)
  return teller.differences
}

class Teller {
  readonly differences: string[] = []
  readonly #world: StoryWorld
  readonly #nodes: StoryNodes
  readonly #kubelet: FakeKubelet
  readonly #recorder: StoryRecorder
  readonly #files: Readonly<Record<string, string>>
  readonly #expectation: StoryExpectation

  constructor(
    world: StoryWorld,
    nodes: StoryNodes,
    kubelet: FakeKubelet,
    recorder: StoryRecorder,
    files: Readonly<Record<string, string>>,
    expectation: StoryExpectation,
  ) {
    this.#world = world
    this.#nodes = nodes
    this.#kubelet = kubelet
    this.#recorder = recorder
    this.#files = files
    this.#expectation = expectation
  }

  play(action: StoryAction): void {
    if (action.kubectl !== undefined) {
      const line = this.#fill(action.kubectl)
      const files = Object.fromEntries(Object.entries(this.#files).map(([name, text]) => [name, this.#fill(text)]))
      this.#world.act((_, api) => storyKubectl(api, NAMESPACE, line, files))
      this.#world.pass(30 * MS)
    } else if (action.waitFor !== undefined) this.#waitFor(action.waitFor, action.timeout ?? 90)
    else if (action.settle !== undefined) this.#settle(action.settle, action.max ?? 90)
    else if (action.sleep !== undefined) this.#world.pass(action.sleep * SECOND)
    else if (action.checkpoint !== undefined) this.checkpoint(action.checkpoint)
    else if (action.node !== undefined) this.#node(action.node, action.name ?? '')
    else if (action.pod !== undefined) this.#pod(action.pod)
    else if (action.evict !== undefined) {
      const name = this.#fill(action.evict)
      this.#world.act((_, api) => api.evict(`${NAMESPACE}/${name}`))
    } else if (action.api !== undefined) this.#request(action.api)
    else if (action.alignSecond !== undefined) this.#align(action.alignSecond)
    else if (action.metric !== undefined) this.#metric(Number(action.metric.replace('m', '')))
    else if (action.rules !== undefined) this.#kubelet.config = { ...this.#kubelet.config, rules: action.rules }
  }

  checkpoint(name: string): void {
    const expected = this.#expectation.checkpoints?.[name]
    if (expected === undefined) return
    const actual = this.#world.act((_, api) => takeCheckpoint(api, NAMESPACE, expected))
    this.differences.push(...compareCheckpoint(expected, actual, NAMESPACE).map((each) => `at ${name}: ${each}`))
  }

  #fill(text: string): string {
    return text
      .replace(/\$\{NS\}/g, NAMESPACE)
      .replace(/\$\{(pod|podall):([^:}]+):(\d+)\}/g, (_, kind: string, prefix: string, index: string) => {
        const pods = this.#recorder.livingPods.filter(
          (each) => each.metadata.name.startsWith(prefix) && (kind === 'podall' || each.metadata.deletionTimestamp === undefined),
        )
        return pods[Number(index)]?.metadata.name ?? `no-pod-${prefix}-${index}`
      })
  }

  #settle(quiet: number, max: number): void {
    const start = this.#world.world.now
    this.#recorder.changedAt = Math.max(this.#recorder.changedAt, start)
    while (this.#world.world.now < start + max * SECOND) {
      this.#world.pass(50 * MS)
      if (this.#world.world.now - this.#recorder.changedAt >= quiet * SECOND) return
    }
  }

  #waitFor(wanted: NonNullable<StoryAction['waitFor']>, timeout: number): void {
    const name = this.#fill(wanted.name)
    const end = this.#world.world.now + timeout * SECOND
    while (this.#world.world.now < end) {
      const value = this.#world.act((_, api) => readPath(api, wanted.kind, name, wanted.path))
      const isThere =
        wanted.gone === true
          ? value === undefined
          : wanted.path === undefined
            ? value !== undefined
            : 'equals' in wanted
              ? (value ?? null) === wanted.equals
              : value !== undefined
      if (isThere) return
      this.#world.pass(100 * MS)
    }
    this.differences.push(`waited in vain for ${JSON.stringify(wanted)}`)
  }

  #node(what: string, name: string): void {
    if (what === 'add') this.#nodes.add(name)
    else if (what === 'stop') this.#nodes.stop(name)
    else if (what === 'start') this.#nodes.start(name)
    else if (what === 'delete') {
      this.#nodes.stop(name)
      this.#world.act((_, api) => api.delete('nodes', name))
    } else this.#nodes.setReady(name, what === 'ready')
  }

  #pod(wanted: NonNullable<StoryAction['pod']>): void {
    const name = this.#fill(wanted.name)
    this.#world.act((ctx, api) => {
      const pod = api.get('pods', `${NAMESPACE}/${name}`)
      if (!pod.ok) throw new Error(pod.error.message)
      const { set, name: _name, ...told } = wanted
      if (set === 'ready' || set === 'notReady') this.#kubelet.setReady(pod.value, set === 'ready', ctx, api)
      else this.#kubelet.finish(pod.value, set === 'failed' ? 'Failed' : 'Succeeded', ctx, api, told)
    })
  }

  #request({ method, path, body, ctype }: NonNullable<StoryAction['api']>): void {
    this.#world.act((ctx) =>
      handleRequest(
        ctx,
        { name: 'kubernetes-admin', thing: 'client/admin' },
        {
          verb: method,
          path: this.#fill(path),
          body: JSON.parse(this.#fill(JSON.stringify(body ?? null))) as unknown,
          contentType: ctype ?? 'application/json',
        },
      ),
    )
  }

  /** From now on each ready Pod's containers use so much CPU. */
  #metric(cpuMilli: number): void {
    this.#world.onChange((change, ctx) => {
      if (change.resource !== 'pods') return
      const pod = change.object as StoredPod
      const { podUsage } = ctx.world.parts.controllers
      const usage = { cpuMilli: cpuMilli * (pod.spec?.containers.length ?? 0), memoryBytes: 0, at: ctx.now, window: 0 }
      if (change.type === 'DELETED') podUsage.delete(change.key)
      else if (pod.status?.phase === 'Running') podUsage.set(change.key, usage)
    })
  }

  /** Waits for a second of the minute. */
  #align(second: number): void {
    const minute = 60 * SECOND
    const at = this.#world.world.now % minute
    const target = second * SECOND
    this.#world.pass((target - at + minute) % minute)
  }
}

/** `status.conditions[type=Ready].status` of an object; the object itself without a path. */
function readPath(api: ApiClient, kind: string, name: string, path: string | undefined): unknown {
  const info = RESOURCE_LIST.find((each) => each.kind === kind)
  if (info === undefined) return undefined
  const found = api.get(info.resource, info.namespaced ? `${NAMESPACE}/${name}` : name)
  if (!found.ok) return undefined
  let value: unknown = found.value
  for (const part of path === undefined ? [] : path.split('.')) {
    const match = /^([^[]+)\[([^=]+)=([^\]]+)\]$/.exec(part)
    const field = match?.[1] ?? part
    value = (value as Json | undefined)?.[field]
    if (match !== null) value = (value as Json[] | undefined)?.find((each) => each[match[2] ?? ''] === match[3])
  }
  return value
}
