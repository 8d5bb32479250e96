import type { Container, Pod } from '../../generated/kubeTypes.js'
import { isRecord } from '../../scenario/index.js'
import type { StoredOf } from '../../sim/index.js'
import type { CommandInput } from '../command.js'
import type { CommandError } from '../errors.js'
import { apiError, plainError } from '../errors.js'
import { fetchTargets, isError, readTargets } from '../targets.js'
import { fieldOf } from './change.js'

export interface ChosenPod {
  readonly pod: StoredOf<'pods'>
  /** Remarks on how it was found: `Found 2 pods, using pod/web-1`. */
  readonly remarks: string
}

/**
 * The Pod that `POD` or `TYPE/NAME` means: of a workload or a Service, the one that runs best.
 * Source: kubernetes kubectl pkg/polymorphichelpers/attachablepodforobject.go, helpers.go GetFirstPod
 */
export function choosePod(input: CommandInput, word: string, says: boolean): ChosenPod | CommandError {
  const named = readTargets(word.includes('/') ? [word] : ['pods', word])
  if (isError(named)) return named
  const { found, errors } = fetchTargets(input, named.targets)
  const [each] = found
  const [problem] = errors
  if (each === undefined) return problem ?? plainError('expected a resource')
  const { api } = input.env
  const { namespace = input.namespace } = each.object.metadata
  if (each.info.resource === 'pods') {
    const pod = api.get('pods', `${namespace}/${each.object.metadata.name}`)
    return pod.ok ? { pod: pod.value, remarks: '' } : apiError(pod.error)
  }
  const selector = fieldOf(each.object, 'spec.selector.matchLabels') ?? fieldOf(each.object, 'spec.selector')
  if (!isRecord(selector) || Object.keys(selector).length === 0) {
    return plainError(`cannot attach to *v1.${each.object.kind}: selector for ${each.object.kind} is not implemented`)
  }
  const labelSelector = Object.entries(selector)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
  const listed = api.list('pods', { namespace, labelSelector })
  if (!listed.ok) return apiError(listed.error)
  const [best] = listed.value.toSorted((a, b) => rank(b) - rank(a))
  if (best === undefined) return plainError('timed out waiting for the condition')
  const count = listed.value.length
  return { pod: best, remarks: says && count > 1 ? `Found ${count} pods, using pod/${best.metadata.name}\n` : '' }
}

/** Assigned before unassigned, running before pending, ready before not. Source: kubernetes kubectl pkg/util/podutils/podutils.go ByLogging */
function rank({ spec, status }: Pod): number {
  const phase = status?.phase === 'Running' ? 2 : status?.phase === 'Pending' ? 0 : 1
  const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
  return (spec?.nodeName === undefined ? 0 : 100) + phase * 10 + (isReady ? 1 : 0)
}

/** All containers of a Pod, as kubectl lists them. Source: kubernetes kubectl pkg/cmd/util/podcmd/podcmd.go AllContainerNames */
export function containerNames({ spec }: Pod): string {
  const name = (suffix: string) => (each: { readonly name: string }) => `${each.name}${suffix}`
  return [
    ...(spec?.containers ?? []).map(name('')),
    ...(spec?.ephemeralContainers ?? []).map(name(' (ephem)')),
    ...(spec?.initContainers ?? []).map(name(' (init)')),
  ].join(', ')
}

/** A container of a Pod by its name; the annotated or first one without a name, with kubectl's remark on that. */
export function chooseContainer(
  pod: Pod,
  name: string | undefined,
): { readonly container: Container | undefined; readonly remark: string } {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  if (name !== undefined && name !== '') return { container: all.find((each) => each.name === name), remark: '' }
  const preferred = pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container']
  const annotated = preferred === undefined ? undefined : all.find((each) => each.name === preferred)
  if (annotated !== undefined) return { container: annotated, remark: '' }
  const [first] = pod.spec?.containers ?? []
  const remark = all.length > 1 ? `Defaulted container ${JSON.stringify(first?.name)} out of: ${containerNames(pod)}\n` : ''
  return { container: first, remark }
}
