import type { Event, ObjectMeta, Taint, Toleration } from '../../generated/kubeTypes.js'
import type { ApiClient, SimTime } from '../../sim/index.js'
import { byCodeUnit } from '../../sim/index.js'
import { ageOf } from '../text/duration.js'
import type { DescribeWriter } from './writer.js'

/** What a describer may ask for. */
export interface DescribeContext {
  readonly api: ApiClient
  readonly now: SimTime
  readonly showEvents: boolean
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const MAX_ANNOTATION = 140

/** Source: kubernetes kubectl pkg/describe/describe.go printLabelsMultiline */
export function writeLabels(
  w: DescribeWriter,
  title: string,
  labels: Readonly<Record<string, string>> | undefined,
  initialIndent = '',
): void {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => byCodeUnit(a, b))
  w.write(0, `${initialIndent}${title}:\t`)
  if (entries.length === 0) w.line(0, '<none>')
  for (const [index, [key, value]] of entries.entries()) w.line(0, `${index === 0 ? '' : `${initialIndent}\t`}${key}=${value}`)
}

/** Source: kubernetes kubectl pkg/describe/describe.go printAnnotationsMultiline */
export function writeAnnotations(
  w: DescribeWriter,
  title: string,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  const entries = Object.entries(annotations ?? {})
    .filter(([key]) => key !== LAST_APPLIED)
    .sort(([a], [b]) => byCodeUnit(a, b))
  w.write(0, `${title}:\t`)
  if (entries.length === 0) w.line(0, '<none>')
  for (const [index, [key, raw]] of entries.entries()) {
    if (index > 0) w.write(0, '\t')
    const value = raw.replace(/\n$/, '')
    if (value.length + key.length + 2 <= MAX_ANNOTATION && !value.includes('\n')) {
      w.line(0, `${key}: ${value}`)
      continue
    }
    w.line(0, `${key}:`)
    for (const part of value.split('\n')) w.line(0, `\t  ${shorten(part, MAX_ANNOTATION - 2)}`)
  }
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text
}

/** Name, namespace, labels and annotations, in that order. */
export function writeHead(w: DescribeWriter, metadata: ObjectMeta | undefined): void {
  w.line(0, `Name:\t${metadata?.name ?? ''}`)
  if (metadata?.namespace !== undefined) w.line(0, `Namespace:\t${metadata.namespace}`)
  writeLabels(w, 'Labels', metadata?.labels)
  writeAnnotations(w, 'Annotations', metadata?.annotations)
}

export function controlledBy(metadata: ObjectMeta | undefined): string | undefined {
  const owner = metadata?.ownerReferences?.find((each) => each.controller === true)
  return owner === undefined ? undefined : `${owner.kind}/${owner.name}`
}

/** Source: kubernetes kubectl pkg/describe/describe.go printTaintsMultiline */
export function writeTaints(w: DescribeWriter, title: string, taints: readonly Taint[] | undefined): void {
  w.write(0, `${title}:\t`)
  if (taints === undefined || taints.length === 0) w.line(0, '<none>')
  const sorted = (taints ?? []).toSorted((a, b) => byCodeUnit(`${a.effect},${a.key}`, `${b.effect},${b.key}`))
  for (const [index, taint] of sorted.entries()) w.line(0, `${index === 0 ? '' : '\t'}${taintText(taint)}`)
}

export function taintText({ key, value = '', effect }: Taint): string {
  if (effect === '') return value === '' ? key : `${key}=${value}:`
  return value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`
}

/** Source: kubernetes kubectl pkg/describe/describe.go printTolerationsMultiline */
export function writeTolerations(w: DescribeWriter, title: string, tolerations: readonly Toleration[] | undefined): void {
  w.write(0, `${title}:\t`)
  if (tolerations === undefined || tolerations.length === 0) w.line(0, '<none>')
  const sorted = (tolerations ?? []).toSorted((a, b) => byCodeUnit(a.key ?? '', b.key ?? ''))
  for (const [index, each] of sorted.entries()) w.line(0, `${index === 0 ? '' : '\t'}${tolerationText(each)}`)
}

function tolerationText({ key = '', value = '', effect = '', operator, tolerationSeconds }: Toleration): string {
  let text = key
  if (value !== '') text += `=${value}`
  if (effect !== '') text += `:${effect}`
  if (operator === 'Exists' && value === '') text += key !== '' || effect !== '' ? ' op=Exists' : 'op=Exists'
  if (tolerationSeconds !== undefined) text += ` for ${tolerationSeconds}s`
  return text
}

/** What events tell of what they are about. */
export interface Described {
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** Events about an object, as the API server has them. Source: kubernetes kubectl pkg/describe/describe.go searchEvents */
export function writeEvents(w: DescribeWriter, context: DescribeContext, object: Described): void {
  if (!context.showEvents) return
  const events = eventsAbout(context.api, object)
  if (events.length === 0) {
    w.line(0, 'Events:\t<none>')
    return
  }
  w.flush()
  w.line(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage')
  w.line(1, '----\t------\t----\t----\t-------')
  for (const event of events) {
    const source = event.source?.component ?? event.reportingComponent ?? ''
    const field = event.involvedObject.fieldPath ?? ''
    const message = `${field === '' ? '' : `${field}: `}${(event.message ?? '').trim()}`
    w.line(1, `${event.type ?? ''}\t${event.reason ?? ''}\t${eventInterval(event, context.now)}\t${source}\t${message}`)
  }
}

function eventInterval(event: Event, now: SimTime): string {
  const first = ageOf(event.eventTime ?? event.firstTimestamp, now)
  if (event.series !== undefined)
    return `${ageOf(event.series.lastObservedTime, now)} (x${event.series.count ?? 0} over ${first})`
  const count = event.count ?? 0
  return count > 1 ? `${ageOf(event.lastTimestamp, now)} (x${count} over ${first})` : first
}

function eventsAbout(api: ApiClient, object: Described): readonly Event[] {
  const { namespace, name, uid } = object.metadata
  const listed = api.list('events', namespace === undefined ? {} : { namespace })
  if (!listed.ok) return []
  return listed.value
    .filter(({ involvedObject: about }) => {
      if (about.kind !== object.kind || about.name !== name) return false
      return about.uid === undefined || about.uid === uid || (object.kind === 'Node' && about.uid === name)
    })
    .toSorted((a, b) => byCodeUnit(lastTime(a), lastTime(b)))
}

function lastTime(event: Event): string {
  return event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime ?? ''
}
