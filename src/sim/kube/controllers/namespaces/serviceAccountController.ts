import type { Controller, Run, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { isNamespaceTerminating } from '../replicaset/replicaSetController.js'

const ROOT_CA = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Gives each namespace its `default` ServiceAccount. Source: kubernetes pkg/controller/serviceaccount/serviceaccounts_controller.go */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  watches: ['namespaces', 'serviceaccounts'],
  changed(run, change) {
    if (isChangeOf(change, 'namespaces') && change.type !== 'DELETED') run.add(change.key)
    else if (isChangeOf(change, 'serviceaccounts') && change.type === 'DELETED') run.add(change.object.metadata.namespace ?? '')
  },
  sync(run, key) {
    if (!isLiving(run, key) || run.cache.get('serviceaccounts', `${key}/default`) !== undefined) return SETTLED
    const made = run.api.create('serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: key },
    })
    return made.ok || made.error.reason === 'AlreadyExists' || isNamespaceTerminating(made.error) ? SETTLED : retry(made.error)
  },
}

/** Publishes the cluster's CA in each namespace. Source: kubernetes pkg/controller/certificates/rootcacertpublisher/publisher.go */
export const rootCaController: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  watches: ['namespaces', 'configmaps'],
  changed(run, change) {
    if (isChangeOf(change, 'namespaces') && change.type !== 'DELETED') run.add(change.key)
    else if (isChangeOf(change, 'configmaps') && change.object.metadata.name === ROOT_CA && change.type !== 'ADDED') {
      run.add(change.object.metadata.namespace ?? '')
    }
  },
  sync: publish,
}

function publish(run: Run, key: string): SyncOutcome {
  if (!isLiving(run, key)) return SETTLED
  const current = run.cache.get('configmaps', `${key}/${ROOT_CA}`)
  const data = { 'ca.crt': CERTIFICATE }
  if (current === undefined) {
    const made = run.api.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: ROOT_CA, namespace: key, annotations: { 'kubernetes.io/description': DESCRIPTION } },
      data,
    })
    return made.ok || made.error.reason === 'AlreadyExists' || isNamespaceTerminating(made.error) ? SETTLED : retry(made.error)
  }
  const keys = Object.keys(current.data ?? {})
  const isRight = keys.length === 1 && current.data?.['ca.crt'] === CERTIFICATE
  if (isRight && current.metadata.annotations?.['kubernetes.io/description'] !== undefined) return SETTLED
  const annotations = { ...current.metadata.annotations, 'kubernetes.io/description': DESCRIPTION }
  const updated = run.api.update('configmaps', { ...current, metadata: { ...current.metadata, annotations }, data })
  return updated.ok ? SETTLED : retry(updated.error)
}

function isLiving(run: Run, namespace: string): boolean {
  const found = run.cache.get('namespaces', namespace)
  return found !== undefined && found.metadata.deletionTimestamp === undefined && found.status?.phase !== 'Terminating'
}

/** A stand-in: nothing in the simulation is encrypted, so there is no real key behind it. */
const CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'cG9kcGF0aDogbm90aGluZyBpbiB0aGUgc2ltdWxhdGlvbiBpcyBlbmNyeXB0ZWQ=',
  '-----END CERTIFICATE-----',
  '',
].join('\n')
