import { isRecord } from '../../../scenario/index.js'
import { byCodeUnit } from '../../../sim/index.js'
import type { CommandInput, CommandOutput } from '../../command.js'
import { failed } from '../../command.js'
import type { StoredObject } from '../../dynamicApi.js'
import { plainError } from '../../errors.js'
import type { Found } from '../../targets.js'
import { fetchTargets, isError, resourceName } from '../../targets.js'
import { Writing } from '../../writing.js'
import { chooseBuilt, fieldOf } from '../change.js'
import { submit } from '../submit.js'
import { podSpecOf, withPodSpec } from './podTemplate.js'

/** `kubectl set selector`: of Services alone. Source: kubernetes kubectl pkg/cmd/set/set_selector.go */
export function setSelector(input: CommandInput, words: readonly string[]): CommandOutput {
  const expression = words.at(-1)
  if (expression === undefined) return failed(plainError('one selector is required'))
  const read = readSelector(expression)
  if (typeof read === 'string') return failed(plainError(read))
  const chosen = chooseBuilt(input, words.slice(0, -1))
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  const writing = new Writing(input)
  for (const each of found) {
    if (each.info.resource !== 'services') {
      writing.errors.push(plainError('setting a selector is only supported for Services'))
      break
    }
    const spec = fieldOf(each.object, 'spec')
    const after: StoredObject = { ...each.object, spec: { ...(isRecord(spec) ? spec : {}), selector: read } } as StoredObject
    if (fieldIs(each, 'spec.selector', read)) writing.report(each.info, each.object, 'selector updated')
    else submit(writing, input, each, { after, how: { done: 'selector updated', manager: 'kubectl-set' } })
  }
  writing.errors.push(...errors)
  return writing.result()
}

function fieldIs({ object }: Found, path: string, wanted: object): boolean {
  return JSON.stringify(fieldOf(object, path)) === JSON.stringify(wanted)
}

/** Only `a=b,c=d` can be a Service's. Source: apimachinery pkg/apis/meta/v1/helpers.go ParseToLabelSelector */
function readSelector(text: string): Readonly<Record<string, string>> | string {
  const selector: Record<string, string> = {}
  for (const part of text.split(',')) {
    const match = /^\s*([^\s=!]+)\s*==?\s*([^\s=!]*)\s*$/.exec(part)
    if (match === null) return `couldn't parse the selector string "${text}": unable to parse requirement: found '${part}'`
    selector[match[1] ?? ''] = match[2] ?? ''
  }
  return selector
}

/** `kubectl set serviceaccount`. Source: kubernetes kubectl pkg/cmd/set/set_serviceaccount.go */
export function setServiceAccount(input: CommandInput, words: readonly string[]): CommandOutput {
  const account = words.at(-1)
  if (account === undefined) return failed(plainError('serviceaccount is required'))
  const chosen = chooseBuilt(input, words.slice(0, -1))
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  if (errors.length > 0) return failed(...errors)
  const writing = new Writing(input)
  for (const each of found) {
    const spec = podSpecOf(each)
    if (spec === undefined) {
      const problem = `error: ${resourceName(each.info)}/${each.object.metadata.name} the object is not a pod or does not have a pod template: ${each.object.kind}\n`
      writing.errors.push(plainError(problem))
      continue
    }
    const after = withPodSpec(each, { ...spec, serviceAccountName: account })
    const how = { done: 'serviceaccount updated', manager: 'kubectl-set', doing: 'failed to patch ServiceAccountName' }
    if (spec['serviceAccountName'] === account) writing.report(each.info, each.object, how.done)
    else submit(writing, input, each, { after, how })
  }
  return writing.result()
}

const RBAC = 'rbac.authorization.k8s.io'

/** `kubectl set subject`: adds to a binding. Source: kubernetes kubectl pkg/cmd/set/set_subject.go */
export function setSubject(input: CommandInput, words: readonly string[]): CommandOutput {
  const { args } = input
  const chosen = chooseBuilt(input, words)
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  if (errors.length > 0) return failed(...errors)
  const named = (flag: string): readonly string[] => [...new Set(args.list(flag))].sort(byCodeUnit)
  const accounts = named('serviceaccount').map((each) => each.split(':'))
  if (!['user', 'group', 'serviceaccount'].some((flag) => args.isSet(flag))) {
    return failed(plainError('you must specify at least one value of user, group or serviceaccount'))
  }
  if (accounts.some((each) => each.length !== 2 || each[1] === '')) {
    return failed(plainError('serviceaccount must be <namespace>:<name>'))
  }
  const subjects = [
    ...named('user').map((name) => ({ apiGroup: RBAC, kind: 'User', name })),
    ...named('group').map((name) => ({ apiGroup: RBAC, kind: 'Group', name })),
    ...accounts.map(([namespace = '', name = '']) => ({
      kind: 'ServiceAccount',
      name,
      namespace: namespace === '' ? input.namespace : namespace,
    })),
  ]
  const writing = new Writing(input)
  for (const each of found) {
    if (!['rolebindings', 'clusterrolebindings'].includes(each.info.resource)) {
      const { name } = each.object.metadata
      const problem = `error: ${resourceName(each.info)}/${name} setting subjects is only supported for RoleBinding/ClusterRoleBinding\n`
      writing.errors.push(plainError(problem))
      continue
    }
    const present = each.object['subjects']
    const before = Array.isArray(present) ? present.filter(isRecord) : []
    const isThere = (subject: object): boolean =>
      before.some((old) =>
        ['kind', 'name', 'namespace'].every(
          (key) => (old[key] ?? '') === ((subject as Readonly<Record<string, string>>)[key] ?? ''),
        ),
      )
    const after = { ...each.object, subjects: [...before, ...subjects.filter((subject) => !isThere(subject))] } as StoredObject
    const how = { done: 'subjects updated', manager: 'kubectl-set', doing: 'failed to patch subjects to rolebinding' }
    submit(writing, input, each, { after, how })
  }
  return writing.result()
}
