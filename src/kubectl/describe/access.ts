import type { PolicyRule } from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { byCodeUnit } from '../../sim/index.js'
import type { DescribeContext } from './common.js'
import { writeAnnotations, writeEvents, writeLabels } from './common.js'
import type { DescribeWriter } from './writer.js'

interface Named {
  readonly metadata: StoredOf<'roles'>['metadata']
}

function writeName(w: DescribeWriter, { metadata }: Named): void {
  w.line(0, `Name:\t${metadata.name}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
}

/** Source: kubernetes kubectl pkg/describe/describe.go RoleDescriber, ClusterRoleDescriber */
export function describeRole(role: StoredOf<'roles'> | StoredOf<'clusterroles'>, _: DescribeContext, w: DescribeWriter): void {
  writeName(w, role)
  w.line(0, 'PolicyRule:')
  w.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs')
  w.line(1, '---------\t-----------------\t--------------\t-----')
  for (const row of rowsOf(role.rules ?? [])) w.line(1, row)
}

/** One row for each resource; rules that differ in their verbs alone are one. Source: component-helpers auth/rbac/validation CompactRules, kubectl SortableRuleSlice */
function rowsOf(rules: readonly PolicyRule[]): readonly string[] {
  const verbs = new Map<string, string[]>()
  for (const rule of rules) {
    const names = (rule.resourceNames ?? []).join(' ')
    const urls = (rule.nonResourceURLs ?? []).map((url) => `\t[${url}]\t[${names}]\t`)
    const resources = (rule.apiGroups ?? []).flatMap((group) =>
      (rule.resources ?? []).map((resource) => `${withGroup(resource, group)}\t[]\t[${names}]\t`),
    )
    for (const head of [...resources, ...urls]) {
      verbs.set(head, [...(verbs.get(head) ?? []), ...rule.verbs.filter((each) => !verbs.get(head)?.includes(each))])
    }
  }
  return [...verbs].sort(([a], [b]) => byCodeUnit(a, b)).map(([head, each]) => `${head}[${each.join(' ')}]`)
}

/** `deployments.apps`, `deployments.apps/scale`. */
function withGroup(resource: string, group: string): string {
  if (group === '') return resource
  const [name = '', ...sub] = resource.split('/')
  return [`${name}.${group}`, ...sub].join('/')
}

/** Source: kubernetes kubectl pkg/describe/describe.go RoleBindingDescriber */
export function describeRoleBinding(
  binding: StoredOf<'rolebindings'> | StoredOf<'clusterrolebindings'>,
  _: DescribeContext,
  w: DescribeWriter,
): void {
  writeName(w, binding)
  w.line(0, 'Role:')
  w.line(1, `Kind:\t${binding.roleRef.kind}`)
  w.line(1, `Name:\t${binding.roleRef.name}`)
  w.line(0, 'Subjects:')
  w.line(1, 'Kind\tName\tNamespace')
  w.line(1, '----\t----\t---------')
  for (const { kind, name, namespace = '' } of binding.subjects ?? []) w.line(1, `${kind}\t${name}\t${namespace}`)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeStorageClass */
export function describeStorageClass(each: StoredOf<'storageclasses'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, parameters = {}, mountOptions = [] } = each
  const isDefault = metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
  const given = Object.entries(parameters).map(([key, value]) => `${key}=${value}`)
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `IsDefaultClass:\t${isDefault ? 'Yes' : 'No'}`)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Provisioner:\t${each.provisioner}`)
  w.line(0, `Parameters:\t${given.length === 0 ? '<none>' : given.sort(byCodeUnit).join(',')}`)
  w.line(
    0,
    `AllowVolumeExpansion:\t${each.allowVolumeExpansion === undefined ? '<unset>' : each.allowVolumeExpansion ? 'True' : 'False'}`,
  )
  if (mountOptions.length === 0) w.line(0, 'MountOptions:\t<none>')
  else {
    w.line(0, 'MountOptions:')
    for (const option of mountOptions) w.line(1, option)
  }
  if (each.reclaimPolicy !== undefined) w.line(0, `ReclaimPolicy:\t${each.reclaimPolicy}`)
  if (each.volumeBindingMode !== undefined) w.line(0, `VolumeBindingMode:\t${each.volumeBindingMode}`)
  writeEvents(w, context, each)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describePriorityClass */
export function describePriorityClass(each: StoredOf<'priorityclasses'>, context: DescribeContext, w: DescribeWriter): void {
  w.line(0, `Name:\t${each.metadata.name}`)
  w.line(0, `Value:\t${each.value}`)
  w.line(0, `GlobalDefault:\t${each.globalDefault ?? false}`)
  w.line(0, `PreemptionPolicy:\t${each.preemptionPolicy ?? ''}`)
  w.line(0, `Description:\t${each.description ?? ''}`)
  writeAnnotations(w, 'Annotations', each.metadata.annotations)
  writeEvents(w, context, each)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeIngressClassV1 */
export function describeIngressClass(each: StoredOf<'ingressclasses'>, context: DescribeContext, w: DescribeWriter): void {
  writeName(w, each)
  w.line(0, `Controller:\t${each.spec?.controller ?? ''}`)
  const { parameters } = each.spec ?? {}
  if (parameters !== undefined) {
    w.line(0, 'Parameters:')
    if (parameters.apiGroup !== undefined) w.line(1, `APIGroup:\t${parameters.apiGroup}`)
    w.line(1, `Kind:\t${parameters.kind}`)
    w.line(1, `Name:\t${parameters.name}`)
  }
  writeEvents(w, context, each)
}
