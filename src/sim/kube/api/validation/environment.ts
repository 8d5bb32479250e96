import type { EnvVar } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'
import { configMapKeyFaults, envNameFaults, qualifiedNameFaults, subdomainFaults } from './names.js'

/** Source: ValidateEnv */
export function validateEnv(faults: Faults, path: string, env: Draft<EnvVar>): void {
  const name = env.name ?? ''
  if (name === '') faults.required(`${path}.name`)
  else faults.invalidEach(`${path}.name`, name, envNameFaults(name))
  const from = env.valueFrom
  if (from === undefined) return
  const at = `${path}.valueFrom`
  const sources = Object.values(from).filter((each) => each !== undefined)
  if (from.fieldRef !== undefined)
    validateFieldRef(faults, `${at}.fieldRef`, from.fieldRef.fieldPath ?? '', from.fieldRef.apiVersion ?? '')
  if (from.resourceFieldRef !== undefined) validateResourceRef(faults, `${at}.resourceFieldRef`, from.resourceFieldRef)
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const ref = from[kind]
    if (ref === undefined) continue
    faults.invalidEach(`${at}.${kind}.name`, ref.name ?? '', subdomainFaults(ref.name ?? ''))
    if ((ref.key ?? '') === '') faults.required(`${at}.${kind}.key`)
    else faults.invalidEach(`${at}.${kind}.key`, ref.key, configMapKeyFaults(ref.key ?? ''))
  }
  if (sources.length === 0) {
    faults.invalid(
      at,
      '',
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    )
  } else if ((env.value ?? '') !== '') faults.invalid(at, '', 'may not be specified when `value` is not empty')
  else if (sources.length > 1) faults.invalid(at, '', 'may not have more than one field specified at a time')
}

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

function validateFieldRef(faults: Faults, path: string, fieldPath: string, apiVersion: string): void {
  if (apiVersion === '') faults.required(`${path}.apiVersion`)
  if (fieldPath === '') {
    faults.required(`${path}.fieldPath`)
    return
  }
  const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath)
  if (subscript !== null) {
    const key = subscript[2] ?? ''
    faults.invalidEach(`${path}.fieldPath`, key, qualifiedNameFaults(key))
    return
  }
  const known =
    /^(metadata\.(name|namespace|uid|labels|annotations)|spec\.(nodeName|serviceAccountName|restartPolicy)|status\.(phase|hostIPs?|podIPs?))$/
  if (!known.test(fieldPath)) {
    faults.invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)
  } else if (!ENV_FIELDS.includes(fieldPath)) faults.notSupported(`${path}.fieldPath`, fieldPath, ENV_FIELDS)
}

const CONTAINER_RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

interface ResourceRef {
  resource?: string | undefined
  divisor?: string | undefined
}

/** A container's own request or limit. Source: validateContainerResourceFieldSelector */
export function validateResourceRef(faults: Faults, field: string, { resource = '', divisor }: ResourceRef): void {
  if (resource === '') {
    faults.required(`${field}.resource`)
    return
  }
  if (!CONTAINER_RESOURCES.includes(resource) && !/^(?:limits|requests)\.hugepages-/.test(resource)) {
    faults.notSupported(`${field}.resource`, resource, CONTAINER_RESOURCES)
  }
  const isCpu = resource.endsWith('.cpu')
  const allowed = isCpu ? ['1m', '1', '0'] : MEMORY_DIVISORS
  if (divisor === undefined || allowed.includes(divisor)) return
  const what = isCpu
    ? "only divisor's values 1m and 1 are supported with the cpu resource"
    : `only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ${resource.endsWith('memory') ? 'memory' : 'local ephemeral storage'} resource`
  faults.invalid(`${field}.divisor`, divisor, what)
}

const MEMORY_DIVISORS = ['0', '1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
