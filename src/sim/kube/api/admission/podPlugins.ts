import type { PodSpec, PriorityClass, ServiceAccount } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import { getStored, listStored } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import type { Draft, ObjectDraft } from '../draft.js'
import { forbidden } from '../errors.js'
import { randomSuffix } from '../names.js'
import { SYSTEM_PRIORITIES } from '../systemPriorities.js'

const MIRROR = 'kubernetes.io/config.mirror'
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const TOKEN_SECONDS = 3607

function specOf(draft: ObjectDraft): Draft<PodSpec> {
  // Decoding made it a Pod; defaulting gave it a spec.
  return (draft['spec'] ?? {}) as Draft<PodSpec>
}

/** Gives a Pod its ServiceAccount and mounts its token. Source: kubernetes plugin/pkg/admission/serviceaccount/admission.go */
export function addServiceAccount(call: Call, draft: ObjectDraft): ApiError | undefined {
  const spec = specOf(draft)
  const podName = draft.metadata.name ?? ''
  if (draft.metadata.annotations?.[MIRROR] !== undefined) {
    if ((spec.serviceAccountName ?? '') !== '')
      return forbidden(call.info, podName, 'a mirror pod may not reference service accounts')
    return undefined
  }
  const name = spec.serviceAccountName ?? 'default'
  spec.serviceAccountName = name
  spec.serviceAccount = name
  const stored = getStored(call.ctx.world.parts.etcd, 'serviceaccounts', `${call.namespace}/${name}`)
  if (stored === undefined) {
    if (name === 'default' && !call.ctx.world.parts.api.settings.defaultServiceAccountRequired) return undefined
    const why = `error looking up service account ${call.namespace}/${name}: serviceaccount "${name}" not found`
    return forbidden(call.info, podName, why)
  }
  // Stored under this resource, so it is one.
  const account = stored as unknown as ServiceAccount
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(call, spec)
  if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
    spec.imagePullSecrets = (account.imagePullSecrets ?? []).map((each) => ({ ...each }))
  }
  return undefined
}

function mountToken(call: Call, spec: Draft<PodSpec>): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const lacking = containers.filter((each) => !(each.volumeMounts ?? []).some((mount) => mount.mountPath === TOKEN_PATH))
  const existing = (spec.volumes ?? []).find((volume) =>
    (volume.projected?.sources ?? []).some(
      (source) => source.serviceAccountToken !== undefined && volume.name?.startsWith('kube-api-access-'),
    ),
  )
  if (lacking.length === 0) return
  const name = existing?.name ?? `kube-api-access-${randomSuffix(call.ctx, 'apiserver.names')}`
  for (const container of lacking) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: TOKEN_PATH }]
  }
  if (existing !== undefined) return
  const volume = {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 0o644,
    },
  }
  spec.volumes = [...(spec.volumes ?? []), volume]
}

const TOLERATED_SECONDS = 300

/** A Pod bears an unready or unreachable Node for five minutes. Source: kubernetes plugin/pkg/admission/defaulttolerationseconds */
export function addTolerations(_call: Call, draft: ObjectDraft): ApiError | undefined {
  const spec = specOf(draft)
  const before = spec.tolerations ?? []
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const isBorne = before.some(
      (each) => ((each.key ?? '') === '' || each.key === key) && ((each.effect ?? '') === '' || each.effect === 'NoExecute'),
    )
    if (isBorne) continue
    const toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATED_SECONDS }
    spec.tolerations = [...(spec.tolerations ?? []), toleration]
  }
  return undefined
}

/** No runtime class is stored here, so none is found. Source: kubernetes plugin/pkg/admission/runtimeclass/admission.go */
export function checkRuntimeClass(call: Call, draft: ObjectDraft): ApiError | undefined {
  const { runtimeClassName, overhead } = specOf(draft)
  const podName = draft.metadata.name ?? ''
  if (runtimeClassName !== undefined) {
    return forbidden(call.info, podName, `pod rejected: RuntimeClass ${JSON.stringify(runtimeClassName)} not found`)
  }
  if (Object.keys(overhead ?? {}).length === 0) return undefined
  const why = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
  return forbidden(call.info, podName, why)
}

/** Resolves the priority class. Source: kubernetes plugin/pkg/admission/priority/admission.go admitPod */
export function setPriority(call: Call, draft: ObjectDraft): ApiError | undefined {
  const spec = specOf(draft)
  const podName = draft.metadata.name ?? ''
  const { etcd } = call.ctx.world.parts
  let name = spec.priorityClassName ?? ''
  let value = 0
  let policy = 'PreemptLowerPriority'
  if (name === '') {
    const globals = (listStored(etcd, 'priorityclasses') as unknown as readonly PriorityClass[]).filter(
      (each) => each.globalDefault === true,
    )
    const chosen = [...globals].sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]
    if (chosen !== undefined) {
      name = chosen.metadata?.name ?? ''
      value = chosen.value ?? 0
      policy = chosen.preemptionPolicy ?? policy
    }
    if (name !== '') spec.priorityClassName = name
  } else {
    const found = getStored(etcd, 'priorityclasses', name) as unknown as PriorityClass | undefined
    const system = own(SYSTEM_PRIORITIES, name)
    if (found === undefined && system === undefined) {
      return forbidden(call.info, podName, `no PriorityClass with name ${name} was found`)
    }
    value = found?.value ?? system ?? 0
    policy = found?.preemptionPolicy ?? policy
  }
  if (spec.priority !== undefined && spec.priority !== value) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`
    return forbidden(call.info, podName, why)
  }
  spec.priority = value
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`
    return forbidden(call.info, podName, why)
  }
  spec.preemptionPolicy = policy
  return undefined
}
