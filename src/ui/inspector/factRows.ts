import {
  askedPhrase,
  excludedPhrase,
  faultPhrase,
  hostPhrase,
  type MessageKey,
  numberText,
  type Phrase,
  phrase,
  spanPhrase,
  thingPhrase,
  type Value,
  whyPhrase,
} from '../../i18n/index.js'
import type { Step, StepFacts } from '../../protocol/index.js'
import { verdictPhrase } from '../request/requestModel.js'
import { fractionOf } from '../transport/presentModel.js'

export interface FactRow {
  readonly label: Phrase
  readonly value: Value
}

/** Kinds of steps that carry a packet: its header is shown instead. */
type PacketKind = { [K in keyof StepFacts]: StepFacts[K] extends { readonly packet: unknown } ? K : never }[keyof StepFacts]
type Plain = Exclude<keyof StepFacts, PacketKind | 'rewrite' | 'requests-counted' | 'scheduler-score' | 'proxy-sync'>
type NamesOf<T> = T extends unknown ? keyof T : never
type FactName = Exclude<NamesOf<StepFacts[Plain]>, 'summary'>

/** Facts that say nothing to whoever reads the sentence: codes of our own, which it tells in words. */
const UNTOLD: ReadonlySet<string> = new Set<FactName>(['action', 'decision', 'doing', 'numbers', 'retryAt'])

const LABELS: { readonly [K in FactName | 'headers']?: MessageKey } = {
  about: 'fact.about',
  action: 'fact.action',
  active: 'fact.active',
  added: 'fact.added',
  among: 'fact.among',
  answer: 'fact.answer',
  asked: 'fact.asked',
  backOffMs: 'fact.backOffMs',
  body: 'fact.body',
  bridge: 'fact.bridge',
  changed: 'fact.changed',
  client: 'fact.client',
  code: 'fact.code',
  component: 'fact.component',
  container: 'fact.container',
  controller: 'fact.controller',
  decision: 'fact.decision',
  device: 'fact.device',
  doing: 'fact.doing',
  excluded: 'fact.excluded',
  exitCode: 'fact.exitCode',
  fault: 'fact.fault',
  forced: 'fact.forced',
  from: 'fact.from',
  headers: 'fact.headers',
  healthy: 'fact.healthy',
  image: 'fact.image',
  ip: 'fact.ip',
  key: 'fact.key',
  lag: 'fact.lag',
  loadBalancer: 'fact.loadBalancer',
  masqueraded: 'fact.masqueraded',
  message: 'fact.message',
  name: 'fact.name',
  node: 'fact.node',
  nodes: 'fact.nodes',
  numbers: 'fact.numbers',
  object: 'fact.object',
  ok: 'fact.ok',
  open: 'fact.open',
  operation: 'fact.operation',
  packets: 'fact.packets',
  phase: 'fact.phase',
  plugin: 'fact.plugin',
  pod: 'fact.pod',
  probability: 'fact.probability',
  probe: 'fact.probe',
  ready: 'fact.ready',
  reason: 'fact.reason',
  reasons: 'fact.reasons',
  request: 'fact.request',
  restartCount: 'fact.restartCount',
  revision: 'fact.revision',
  servedBy: 'fact.servedBy',
  server: 'fact.server',
  service: 'fact.service',
  sourceSeen: 'fact.sourceSeen',
  state: 'fact.state',
  status: 'fact.status',
  subresource: 'fact.subresource',
  taint: 'fact.taint',
  target: 'fact.target',
  to: 'fact.to',
  type: 'fact.type',
  unheard: 'fact.unheard',
  verb: 'fact.verb',
  verdict: 'fact.verdict',
  watcher: 'fact.watcher',
  why: 'fact.why',
  with: 'fact.with',
}

/** What the summary of an action says, by its own names. */
const SUMMARY: Readonly<Partial<Record<string, MessageKey>>> = {
  from: 'fact.from',
  to: 'fact.asked',
  proto: 'fact.proto',
  count: 'fact.count',
  forced: 'fact.forced',
  command: 'fact.command',
  fault: 'fact.fault',
  target: 'fact.target',
  active: 'fact.active',
  us: 'fact.us',
  lag: 'fact.lag',
  message: 'fact.message',
}

/** Facts of a step without a packet, each with its name in the reader's language. What has no name of its own is left out. */
export function factRows(step: Step): readonly FactRow[] {
  if (step.kind === 'request-done') return rowsOf(doneFacts(step.facts))
  // Told by the client's own machine: no server gave that code.
  if (step.kind === 'api-refused' && step.from !== undefined && step.from === step.to) {
    const { object, message } = step.facts
    return rowsOf({ object, message })
  }
  if (step.kind === 'action')
    return Object.entries(step.facts.summary).flatMap(([name, value]) =>
      row(Object.hasOwn(SUMMARY, name) ? SUMMARY[name] : undefined, name, value),
    )
  return rowsOf(step.facts)
}

function rowsOf(facts: object): readonly FactRow[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    if (UNTOLD.has(name)) return []
    return row(isFactName(name) ? LABELS[name] : undefined, name, value)
  })
}

/** Of an end only what is so: that nothing was forced is the rule, and a code of our own is no answer that came back. */
function doneFacts({ forced, with: answer, ...facts }: StepFacts['request-done']): object {
  const isAnswer = answer !== undefined && /^(?:icmp6?-|tcp-reset|sctp-)/.test(answer)
  return { ...facts, ...(isAnswer ? { with: answer } : {}), ...(forced ? { forced } : {}) }
}

function isFactName(name: string): name is keyof typeof LABELS {
  return Object.hasOwn(LABELS, name)
}

function row(label: MessageKey | undefined, name: string, value: unknown): readonly FactRow[] {
  if (label === undefined) return []
  const told = toValue(name, value)
  return told === undefined || told === '' ? [] : [{ label: { key: label, params: {} }, value: told }]
}

function toValue(name: string, value: unknown): Value | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return phrase(value ? 'inspector.row.yes' : 'inspector.row.no')
  if (typeof value === 'string') return stringOf(name, value)
  if (typeof value === 'number') return numberOf(name, value)
  if (Array.isArray(value)) return value.length === 0 ? undefined : { list: value.map((each) => toValue(name, each) ?? '') }
  return recordOf(value)
}

function stringOf(name: string, value: string): Value {
  switch (name) {
    case 'from':
      return hostPhrase(value)
    case 'asked':
    case 'to':
      return askedPhrase(value)
    case 'target':
    case 'loadBalancer':
      return thingPhrase(value)
    case 'fault':
      return faultPhrase(value)
    case 'why':
      return whyPhrase(value)
    case 'active':
      return phrase(value === 'true' ? 'inspector.row.yes' : 'inspector.row.no')
    case 'us':
    case 'lag':
      return spanPhrase(Number(value))
    case 'count':
      return numberText(Number(value))
    case 'verdict':
      return isVerdict(value) ? verdictPhrase(value) : value
    default:
      return value
  }
}

type Verdict = Parameters<typeof verdictPhrase>[0]

function isVerdict(text: string): text is Verdict {
  return ['delivered', 'refused', 'rejected', 'dropped', 'no-route', 'timeout', 'unresolved'].includes(text)
}

function numberOf(name: string, value: number): Value {
  if (name === 'lag' || name === 'us') return spanPhrase(value)
  if (name === 'backOffMs') return spanPhrase(value * 1_000)
  if (name === 'probability') return fractionOf(value)
  return String(value)
}

/** An object by kind and name, an endpoint as `IP:PORT`, a Node that is left out with the reason, numbers by their names. */
function recordOf(value: object): Value {
  const record: Readonly<Record<string, unknown>> = { ...value }
  const text = (key: string): string => (typeof record[key] === 'string' ? record[key] : '')
  if ('kind' in record && 'name' in record) {
    const namespace = text('namespace')
    return `${text('kind')} ${namespace === '' ? '' : `${namespace}/`}${text('name')}`
  }
  if ('ip' in record) {
    const ip = text('ip')
    const port = record['port']
    const pod = text('pod')
    const at = typeof port === 'number' && port !== 0 ? (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`) : ip
    return pod === '' ? at : `${at} (Pod ${pod})`
  }
  if ('node' in record && 'why' in record) return excludedPhrase({ node: text('node'), why: text('why') })
  return Object.entries(record)
    .map(([key, inner]) => `${key} ${String(inner)}`)
    .join(', ')
}
