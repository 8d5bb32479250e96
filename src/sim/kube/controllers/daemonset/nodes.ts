import type { Affinity, Node, PodSpec, PodTemplateSpec, Taint, Toleration } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import { matchesNodeTerms } from '../../scheduler/selectors.js'
import { tolerates } from '../nodes/tolerations.js'

const NO_EXECUTE = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const NO_SCHEDULE = [
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/unschedulable',
]

/** Tolerations that every daemon's Pod gets. Source: kubernetes pkg/controller/daemon/util/daemonset_util.go AddOrUpdateDaemonPodTolerations */
function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const exists = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect })
  const own = [
    ...NO_EXECUTE.map((key) => exists(key, 'NoExecute')),
    ...NO_SCHEDULE.map((key) => exists(key, 'NoSchedule')),
    ...(spec.hostNetwork === true ? [exists('node.kubernetes.io/network-unavailable', 'NoSchedule')] : []),
  ]
  const same = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key && (a.effect ?? '') === b.effect && (a.operator ?? 'Equal') === b.operator && (a.value ?? '') === ''
  const before = spec.tolerations ?? []
  return [...before.filter((each) => !own.some((one) => same(each, one))), ...own]
}

/** Whether a daemon's Pod belongs on a Node, and whether one that is there may stay. */
export interface Fit {
  readonly run: boolean
  readonly stay: boolean
}

/** Fits found before: of many Nodes few change from one sync to the next. Can be rebuilt. */
const fits = new WeakMap<PodTemplateSpec, WeakMap<Node, Fit>>()

/** Source: kubernetes pkg/controller/daemon/daemon_controller.go NodeShouldRunDaemonPod */
export function fitOf(template: PodTemplateSpec, node: Node): Fit {
  const known = fits.get(template) ?? new WeakMap<Node, Fit>()
  fits.set(template, known)
  const before = known.get(node)
  if (before !== undefined) return before
  const fit = findFit(template, node)
  known.set(node, fit)
  return fit
}

function findFit(template: PodTemplateSpec, node: Node): Fit {
  const spec = template.spec ?? { containers: [] }
  const name = node.metadata?.name ?? ''
  if ((spec.nodeName ?? '') !== '' && spec.nodeName !== name) return { run: false, stay: false }
  if (!matchesNode(spec, node)) return { run: false, stay: false }
  const tolerations = daemonTolerations(spec)
  const hated = (effects: readonly string[]): boolean =>
    (node.spec?.taints ?? []).some(
      (taint: Taint) => effects.includes(taint.effect) && !tolerations.some((each) => tolerates(each, taint)),
    )
  if (!hated(['NoSchedule', 'NoExecute'])) return { run: true, stay: true }
  return { run: false, stay: !hated(['NoExecute']) }
}

function matchesNode(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata?.labels ?? {}
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) if (own(labels, key) !== value) return false
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms === undefined || matchesNodeTerms(terms, node)
}

/** The template for one Node: pinned there by affinity, so that the scheduler binds it. Source: util.CreatePodTemplate, ReplaceDaemonSetPodNodeNameNodeAffinity */
export function daemonTemplate(
  template: PodTemplateSpec,
  node: string,
  hash: string,
  generation: string | undefined,
): PodTemplateSpec {
  const spec = template.spec ?? { containers: [] }
  const pinned = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  const before = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const affinity: Affinity = {
    ...spec.affinity,
    nodeAffinity: {
      ...spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: before?.map((term) => ({ ...term, ...pinned })) ?? [pinned],
      },
    },
  }
  const labels = {
    ...template.metadata?.labels,
    'controller-revision-hash': hash,
    ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
  }
  return {
    ...template,
    metadata: { ...template.metadata, labels },
    spec: { ...spec, affinity, tolerations: daemonTolerations(spec) },
  }
}
