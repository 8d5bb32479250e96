import { isRecord } from '../../scenario/index.js'
import { own } from '../../sim/index.js'

/**
 * The order in which Go writes the fields of what kubectl itself makes, by the name under which they stand. Only JSON shows it.
 * Source: kubernetes staging/src/k8s.io/api, the structs of each group
 */
const FIELDS: Readonly<Record<string, string>> = {
  '': 'kind apiVersion metadata immutable spec data binaryData stringData type rules aggregationRule subjects roleRef value globalDefault description preemptionPolicy secrets imagePullSecrets status',
  metadata:
    'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations ownerReferences finalizers managedFields',
  spec: 'schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend jobTemplate scaleTargetRef minReplicas maxReplicas metrics parallelism completions activeDeadlineSeconds backoffLimit replicas ports ingressClassName defaultBackend tls rules minAvailable volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount selector maxUnavailable template strategy minReadySeconds revisionHistoryLimit progressDeadlineSeconds clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP externalName externalTrafficPolicy nodeName hostNetwork securityContext schedulerName tolerations priority enableServiceLinks preemptionPolicy ipFamilies ipFamilyPolicy internalTrafficPolicy completionMode successfulJobsHistoryLimit failedJobsHistoryLimit hard scopes finalizers',
  containers:
    'name image command args workingDir ports envFrom env resources volumeMounts livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty',
  ports: 'name hostPort protocol appProtocol port targetPort nodePort containerPort',
  ownerReferences: 'apiVersion kind name uid controller blockOwnerDeletion',
  template: 'metadata spec',
  jobTemplate: 'metadata spec',
  rules: 'host http verbs apiGroups resources resourceNames nonResourceURLs',
  paths: 'path pathType backend',
  tls: 'hosts secretName',
  subjects: 'kind apiGroup name namespace',
  roleRef: 'apiGroup kind name',
  scaleTargetRef: 'kind name apiVersion',
  metrics: 'type object pods resource containerResource external',
  resource: 'name target',
  target: 'type value averageValue averageUtilization',
  env: 'name value valueFrom',
  status:
    'observedGeneration currentReplicas desiredReplicas currentMetrics conditions disruptionsAllowed currentHealthy desiredHealthy expectedPods loadBalancer',
}

/** An object with its fields in the order of Go's structs; what is unknown follows behind, by name. */
export function inStructOrder(value: unknown, under = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => inStructOrder(each, under))
  if (!isRecord(value)) return value
  const order = own(FIELDS, under)?.split(' ') ?? []
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length)
  const keys = Object.keys(value).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  return Object.fromEntries(keys.map((key) => [key, inStructOrder(value[key], key)]))
}
