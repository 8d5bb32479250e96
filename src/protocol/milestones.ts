import type { Step, ThingId } from '../sim/index.js'

/** Every chapter there is. The page has a title and a sentence for each, in every language. */
export type ChapterCode =
  | 'sent'
  | 'lb-chooses'
  | 'enters-node'
  | 'rules-choose'
  | 'source-masked'
  | 'crosses'
  | 'reaches'
  | 'bridge-to-pod'
  | 'answers'
  | 'undone'
  | 'home'
  | 'stopped'
  | 'ended'
  | 'counted'
  | 'api-accepts'
  | 'api-refuses'
  | 'kubectl-refuses'
  | 'controllers-act'
  | 'scheduled'
  | 'not-scheduled'
  | 'node-starts-pod'
  | 'pod-stops'
  | 'endpoints-follow'
  | 'proxies-write'
  | 'address-given'
  | 'fault-happens'
  | 'noticed'
  | 'evicted'
  | 'settled'

/** A moment that ends a chapter. */
export interface Milestone {
  readonly code: ChapterCode
  readonly reached: (step: Step) => boolean
  /** Facts of the chapter's sentence, from the step at which it stops. */
  readonly facts: (step: Step) => Readonly<Record<string, string>>
  /** Others like it belong to the same chapter ... */
  readonly together?: (step: Step) => boolean
  /** ... until one of these. */
  readonly until?: (step: Step) => boolean
}

/** What a flow may pass, and how it is looked for. */
export interface Plan {
  readonly milestones: readonly Milestone[]
  /** `causal`: one after the other, in this order. `as-it-comes`: whichever is reached next. */
  readonly order: 'causal' | 'as-it-comes'
}

/** Milestones that a flow of this kind may pass; those that it never reaches are left out by the caller. */
export function milestonesOf(steps: readonly Step[]): Plan {
  const isRequest = steps.some(
    (step) => step.kind === 'packet-sent' || step.kind === 'request-done' || step.kind === 'requests-counted',
  )
  if (isRequest) return { milestones: requestMilestones(steps), order: 'causal' }
  // What a fault leads to is found out bit by bit, by different components at different times.
  if (steps.some((step) => step.kind === 'fault')) {
    return {
      milestones: CONTROL_MILESTONES.filter(({ code }) => code !== 'api-accepts' && code !== 'address-given'),
      order: 'as-it-comes',
    }
  }
  return { milestones: CONTROL_MILESTONES, order: 'causal' }
}

const none = (): Readonly<Record<string, string>> => ({})

function nameOf(thing: ThingId | undefined): string {
  return thing === undefined ? '' : thing.slice(thing.indexOf('/') + 1)
}

function requestMilestones(steps: readonly Step[]): readonly Milestone[] {
  const lastUndo = steps.findLast(
    (step) => step.kind === 'rewrite' && step.facts.direction === 'reply' && step.facts.by === 'conntrack',
  )
  const nodeHooks = steps.filter((step) => step.kind === 'packet-hook' && step.facts.direction === 'request')
  const firstHook = nodeHooks[0]
  const firstHost = firstHook?.kind === 'packet-hook' ? firstHook.facts.host : undefined
  return [
    { code: 'counted', reached: (step) => step.kind === 'requests-counted', facts: none },
    {
      code: 'lb-chooses',
      reached: (step) => step.kind === 'lb-choice',
      facts: (step) => (step.kind === 'lb-choice' ? { node: step.facts.chosen } : {}),
    },
    {
      code: 'enters-node',
      reached: (step) => step.id === firstHook?.id,
      facts: (step) => (step.kind === 'packet-hook' ? { node: step.facts.host, device: step.facts.inDevice } : {}),
    },
    {
      code: 'rules-choose',
      reached: (step) =>
        step.kind === 'rewrite' && step.facts.what === 'dnat' && step.facts.by === 'rule' && step.facts.direction === 'request',
      facts: (step) =>
        step.kind === 'rewrite' ? { node: step.facts.host, to: `${step.facts.after.dst}:${step.facts.after.dport}` } : {},
    },
    {
      code: 'source-masked',
      reached: (step) =>
        step.kind === 'rewrite' &&
        (step.facts.what === 'masquerade' || step.facts.what === 'snat') &&
        step.facts.by === 'rule' &&
        step.facts.direction === 'request',
      facts: (step) => (step.kind === 'rewrite' ? { node: step.facts.host, source: step.facts.after.src } : {}),
    },
    {
      code: 'crosses',
      reached: (step) => step.kind === 'packet-hook' && step.facts.direction === 'request' && step.facts.host !== firstHost,
      facts: (step) => (step.kind === 'packet-hook' ? { node: step.facts.host } : {}),
    },
    {
      code: 'stopped',
      reached: (step) => step.kind === 'stopped',
      facts: (step) => (step.kind === 'stopped' ? { host: step.facts.host, why: step.facts.why } : {}),
    },
    {
      code: 'bridge-to-pod',
      reached: (step) => step.kind === 'delivered' && step.facts.direction === 'request' && step.facts.host.startsWith('pod/'),
      facts: (step) => (step.kind === 'delivered' ? { pod: nameOf(step.facts.host) } : {}),
    },
    {
      code: 'reaches',
      reached: (step) => step.kind === 'delivered' && step.facts.direction === 'request' && !step.facts.host.startsWith('pod/'),
      facts: (step) => (step.kind === 'delivered' ? { host: nameOf(step.facts.host) } : {}),
    },
    {
      code: 'answers',
      reached: (step) => step.kind === 'answered',
      facts: (step) => (step.kind === 'answered' ? { host: nameOf(step.facts.host), what: step.facts.what } : {}),
    },
    {
      code: 'undone',
      reached: (step) => step.id === lastUndo?.id,
      facts: (step) => (step.kind === 'rewrite' ? { node: step.facts.host, source: step.facts.after.src } : {}),
    },
    {
      code: 'home',
      reached: (step) => step.kind === 'request-done' && (step.facts.verdict === 'delivered' || step.facts.verdict === 'refused'),
      facts: (step) => (step.kind === 'request-done' ? { from: step.facts.from } : {}),
    },
    {
      code: 'ended',
      reached: (step) => step.kind === 'request-done',
      facts: (step) => (step.kind === 'request-done' ? { verdict: step.facts.verdict } : {}),
    },
  ]
}

const isWriteOf = (step: Step, kinds: readonly string[]): boolean =>
  step.kind === 'etcd-write' && kinds.includes(step.facts.object.kind)

const PODS = ['Pod']
const SLICES = ['EndpointSlice', 'Endpoints']

/** What a change or a fault sets going, in the order of causes. */
const CONTROL_MILESTONES: readonly Milestone[] = [
  {
    code: 'fault-happens',
    reached: (step) => step.kind === 'fault',
    facts: (step) =>
      step.kind === 'fault' ? { fault: step.facts.fault, target: step.facts.target, active: String(step.facts.active) } : {},
  },
  {
    code: 'api-refuses',
    reached: (step) => step.kind === 'api-refused' && step.from?.startsWith('client/') === true,
    facts: none,
  },
  {
    code: 'api-accepts',
    reached: (step) => step.kind === 'etcd-write',
    facts: (step) => (step.kind === 'etcd-write' ? { object: `${step.facts.object.kind} ${step.facts.object.name}` } : {}),
    together: (step) => step.kind === 'etcd-write',
    until: (step) => step.kind === 'watch-event' || step.kind === 'controller-decision',
  },
  { code: 'kubectl-refuses', reached: (step) => step.kind === 'action' && step.facts.action === 'refused', facts: none },
  {
    code: 'noticed',
    reached: (step) => step.kind === 'node-condition' || (step.kind === 'probe' && !step.facts.ok),
    facts: (step) => (step.kind === 'node-condition' ? { node: step.facts.node, status: step.facts.status } : {}),
  },
  {
    code: 'evicted',
    reached: (step) => step.kind === 'pod-evicted',
    facts: (step) => (step.kind === 'pod-evicted' ? { node: step.facts.node } : {}),
    together: (step) => step.kind === 'pod-evicted',
    until: (step) => isWriteOf(step, PODS) && step.kind === 'etcd-write' && step.facts.operation === 'create',
  },
  {
    code: 'controllers-act',
    reached: (step) => step.kind === 'etcd-write' && step.facts.object.kind === 'Pod' && step.facts.operation === 'create',
    facts: none,
    together: (step) => step.kind === 'etcd-write' && step.facts.object.kind === 'Pod' && step.facts.operation === 'create',
    until: (step) => step.kind === 'scheduler-bind' || step.kind === 'scheduler-failed',
  },
  {
    code: 'not-scheduled',
    reached: (step) => step.kind === 'scheduler-failed',
    facts: (step) => (step.kind === 'scheduler-failed' ? { message: step.facts.message } : {}),
  },
  {
    code: 'scheduled',
    reached: (step) => step.kind === 'scheduler-bind',
    facts: (step) => (step.kind === 'scheduler-bind' ? { pod: step.facts.pod.name, node: step.facts.node } : {}),
    together: (step) => step.kind === 'scheduler-bind',
    until: (step) => step.kind === 'container-state',
  },
  {
    code: 'address-given',
    reached: (step) => step.kind === 'lb-address',
    facts: (step) => (step.kind === 'lb-address' ? { ip: step.facts.ip } : {}),
  },
  {
    code: 'node-starts-pod',
    reached: (step) => step.kind === 'container-state' && step.facts.state === 'running',
    facts: (step) => (step.kind === 'container-state' ? { pod: step.facts.pod.name, node: step.facts.node } : {}),
  },
  {
    code: 'endpoints-follow',
    reached: (step) => isWriteOf(step, SLICES),
    facts: (step) => (step.kind === 'etcd-write' ? { service: step.facts.object.name } : {}),
  },
  {
    code: 'proxies-write',
    reached: (step) => step.kind === 'proxy-sync',
    facts: none,
    together: (step) => step.kind === 'proxy-sync',
    until: (step) => step.kind === 'container-state' || step.kind === 'scheduler-bind',
  },
  {
    code: 'pod-stops',
    reached: (step) => step.kind === 'container-state' && step.facts.state === 'terminated',
    facts: (step) => (step.kind === 'container-state' ? { pod: step.facts.pod.name, node: step.facts.node } : {}),
  },
]
