import type { ObjectMeta } from '../../../../generated/kubeTypes.js'
import type { StoredObject } from '../../etcd/store.js'
import type { Draft } from '../draft.js'
import type { ResourceInfo } from '../kinds.js'
import type { Faults } from './faults.js'
import { labelFaults, labelKeyFault, labelValueFault, qualifiedNameFaults, subdomainFaults } from './names.js'

const MAX_ANNOTATIONS = 256 * 1024

/** Kinds whose names are labels, or any one part of a path; all others are subdomains. */
const NAME_RULES: Readonly<Record<string, (name: string) => string[]>> = {
  namespaces: labelFaults,
  services: labelFaults,
  roles: pathSegmentFaults,
  rolebindings: pathSegmentFaults,
  clusterroles: pathSegmentFaults,
  clusterrolebindings: pathSegmentFaults,
  cronjobs: (name) => [
    ...subdomainFaults(name),
    ...(name.length > 52 && name.length <= 253 ? ['must be no more than 52 characters'] : []),
  ],
}

function pathSegmentFaults(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return [...(name.includes('/') ? ["may not contain '/'"] : []), ...(name.includes('%') ? ["may not contain '%'"] : [])]
}

/** Source: apimachinery pkg/api/validation/objectmeta.go ValidateObjectMetaAccessorWithOpts */
export function validateMeta(faults: Faults, info: ResourceInfo, meta: Draft<ObjectMeta>): void {
  const rule = NAME_RULES[info.resource] ?? subdomainFaults
  const { name = '', generateName = '' } = meta
  if (generateName !== '') {
    const base = generateName.endsWith('-') ? `${generateName.slice(0, -1)}a` : generateName
    faults.invalidEach('metadata.generateName', generateName, rule(base))
  }
  if (name === '') faults.required('metadata.name', 'name or generateName is required')
  else faults.invalidEach('metadata.name', name, rule(name))
  if (info.namespaced) {
    if (meta.namespace === undefined || meta.namespace === '') faults.required('metadata.namespace')
    else faults.invalidEach('metadata.namespace', meta.namespace, labelFaults(meta.namespace))
  }
  if ((meta.generation ?? 0) < 0) faults.invalid('metadata.generation', meta.generation, 'must be greater than or equal to 0')
  validateLabels(faults, 'metadata.labels', meta.labels)
  validateAnnotations(faults, 'metadata.annotations', meta.annotations)
  validateOwners(faults, meta.ownerReferences ?? [])
  validateFinalizers(faults, meta.finalizers ?? [])
}

export function validateLabels(
  faults: Faults,
  field: string,
  labels: Readonly<Record<string, string | undefined>> | undefined,
): void {
  for (const [key, value = ''] of Object.entries(labels ?? {})) {
    const keyFault = labelKeyFault(key)
    if (keyFault !== undefined) faults.invalidEach(field, key, qualifiedNameFaults(key))
    const valueFault = labelValueFault(value)
    if (valueFault !== undefined) faults.invalid(field, value, valueFault)
  }
}

export function validateAnnotations(
  faults: Faults,
  field: string,
  annotations: Readonly<Record<string, string | undefined>> | undefined,
): void {
  let size = 0
  for (const [key, value = ''] of Object.entries(annotations ?? {})) {
    faults.invalidEach(field, key, qualifiedNameFaults(key.toLowerCase()))
    size += key.length + value.length
  }
  if (size > MAX_ANNOTATIONS) faults.tooLong(field, MAX_ANNOTATIONS)
}

function validateOwners(faults: Faults, owners: NonNullable<Draft<ObjectMeta>['ownerReferences']>): void {
  const field = 'metadata.ownerReferences'
  let controller: string | undefined
  for (const owner of owners) {
    const empty = (name: string, value: string | undefined): void => {
      if ((value ?? '') === '')
        faults.invalid(`${field}.${name}`, '', name === 'apiVersion' ? 'version must not be empty' : 'must not be empty')
    }
    empty('apiVersion', owner.apiVersion)
    empty('kind', owner.kind)
    empty('name', owner.name)
    empty('uid', owner.uid)
    if (owner.kind === 'Event' && (owner.apiVersion === 'v1' || owner.apiVersion === 'events.k8s.io/v1')) {
      faults.invalid(field, owner, `${owner.apiVersion}, Kind=Event is disallowed from being an owner`)
    }
    if (owner.controller !== true) continue
    const name = `${owner.kind ?? ''}/${owner.name ?? ''}`
    if (controller !== undefined) {
      faults.invalid(
        field,
        owners.map(({ apiVersion, kind, name: own, uid, controller: isOne, blockOwnerDeletion }) => ({
          apiVersion,
          kind,
          name: own,
          uid,
          controller: isOne,
          blockOwnerDeletion,
        })),
        `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
      )
    } else controller = name
  }
}

const STANDARD_FINALIZERS: readonly string[] = ['kubernetes', 'orphan', 'foregroundDeletion']

function validateFinalizers(faults: Faults, finalizers: readonly (string | undefined)[]): void {
  finalizers.forEach((finalizer = '', index) => {
    const field = `metadata.finalizers[${index}]`
    faults.invalidEach(field, finalizer, qualifiedNameFaults(finalizer))
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
      faults.invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')
    }
  })
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    faults.invalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')
  }
}

/** Source: ValidateObjectMetaAccessorUpdate */
export function validateMetaUpdate(faults: Faults, meta: Draft<ObjectMeta>, old: StoredObject): void {
  const before = old.metadata
  if (before.deletionTimestamp !== undefined) {
    const fresh = (meta.finalizers ?? []).filter((each) => each !== undefined && !(before.finalizers ?? []).includes(each))
    if (fresh.length > 0) {
      const list = fresh.map((each) => JSON.stringify(each)).join(', ')
      faults.forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      )
    }
  }
  if (meta.deletionTimestamp !== before.deletionTimestamp) {
    faults.invalid('metadata.deletionTimestamp', meta.deletionTimestamp, 'field is immutable')
  }
}
