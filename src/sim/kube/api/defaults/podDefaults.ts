import type { Container, PodSpec, PodTemplateSpec, Probe, Volume } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'

/** Fills in the template of a workload. Source: kubernetes pkg/apis/core/v1/defaults.go SetDefaults_PodSpec */
export function defaultPodTemplate(owner: { template?: Draft<PodTemplateSpec> | undefined }): void {
  owner.template ??= {}
  owner.template.metadata ??= {}
  owner.template.spec ??= {}
  defaultPodSpec(owner.template.spec, false)
}

/** Fills in a Pod's spec; requests that follow from limits are filled in for Pods alone, not in templates. */
export function defaultPodSpec(spec: Draft<PodSpec>, isPod: boolean): void {
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    defaultContainer(container)
    if (isPod) defaultRequests(container)
    // Templates keep their ports as written: only the Pods made of them get host ports.
    if (isPod && spec.hostNetwork === true) {
      for (const port of container.ports ?? []) {
        if (port.hostPort === undefined && port.containerPort !== undefined) port.hostPort = port.containerPort
      }
    }
  }
  spec.restartPolicy ??= 'Always'
  spec.terminationGracePeriodSeconds ??= 30
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.securityContext ??= {}
  spec.schedulerName ??= 'default-scheduler'
  // The two names of the account are one field inside the server.
  const account = spec.serviceAccountName ?? spec.serviceAccount
  if (account !== undefined) {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
}

function defaultContainer(container: Draft<Container>): void {
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const env of container.env ?? []) {
    const field = env.valueFrom?.fieldRef
    if (field !== undefined) field.apiVersion ??= 'v1'
    const resource = env.valueFrom?.resourceFieldRef
    if (resource !== undefined) resource.divisor ??= '0'
    const file = env.valueFrom?.fileKeyRef
    if (file !== undefined) file.optional ??= false
  }
  container.resources ??= {}
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe !== undefined) defaultProbe(probe)
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler?.httpGet !== undefined) defaultHttpGet(handler.httpGet)
  }
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  container.imagePullPolicy ??= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent'
}

/** Requests follow limits where only these are set. Source: SetDefaults_Pod */
function defaultRequests(container: Draft<Container>): void {
  const { resources } = container
  if (resources?.limits === undefined) return
  resources.requests = { ...resources.limits, ...resources.requests }
}

function defaultProbe(probe: Draft<Probe>): void {
  probe.timeoutSeconds ??= 1
  probe.periodSeconds ??= 10
  probe.successThreshold ??= 1
  probe.failureThreshold ??= 3
  if (probe.httpGet !== undefined) defaultHttpGet(probe.httpGet)
  if (probe.grpc !== undefined) probe.grpc.service ??= ''
}

function defaultHttpGet(action: { path?: string | undefined; scheme?: string | undefined }): void {
  action.path ??= '/'
  action.scheme ??= 'HTTP'
}

/** No tag, or `latest`; a digest is a tag of its own. Source: kubernetes pkg/util/parsers/parsers.go ParseImageName */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false
  const last = image.slice(image.lastIndexOf('/') + 1)
  const colon = last.indexOf(':')
  return colon < 0 || last.slice(colon + 1) === 'latest'
}

const MODE = 0o644

function defaultVolume(volume: Draft<Volume>): void {
  const { name: _, ...sources } = volume
  if (Object.values(sources).every((each) => each === undefined)) volume.emptyDir = {}
  if (volume.secret !== undefined) volume.secret.defaultMode ??= MODE
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= MODE
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= MODE
    for (const item of volume.downwardAPI.items ?? []) if (item.fieldRef !== undefined) item.fieldRef.apiVersion ??= 'v1'
    for (const item of volume.downwardAPI.items ?? [])
      if (item.resourceFieldRef !== undefined) item.resourceFieldRef.divisor ??= '0'
  }
  if (volume.projected !== undefined) {
    volume.projected.defaultMode ??= MODE
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= 3600
      for (const item of source.downwardAPI?.items ?? []) if (item.fieldRef !== undefined) item.fieldRef.apiVersion ??= 'v1'
      for (const item of source.downwardAPI?.items ?? [])
        if (item.resourceFieldRef !== undefined) item.resourceFieldRef.divisor ??= '0'
    }
  }
  if (volume.hostPath !== undefined) volume.hostPath.type ??= ''
  if (volume.ephemeral?.volumeClaimTemplate?.spec !== undefined)
    volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  if (volume.image !== undefined) volume.image.pullPolicy ??= isLatest(volume.image.reference ?? '') ? 'Always' : 'IfNotPresent'
}
