import { isRecord } from '../../../scenario/index.js'
import type { StoredObject } from '../../dynamicApi.js'
import type { Found } from '../../targets.js'
import { fieldOf } from '../change.js'

export type Container = Readonly<Record<string, unknown>>

/** Where an object has its Pod spec; undefined where it has none. Source: kubernetes kubectl pkg/polymorphichelpers/updatepodspec.go */
function specPath({ info }: Found): readonly string[] | undefined {
  switch (info.resource as string) {
    case 'pods':
      return ['spec']
    case 'cronjobs':
      return ['spec', 'jobTemplate', 'spec', 'template', 'spec']
    case 'deployments':
    case 'daemonsets':
    case 'replicasets':
    case 'replicationcontrollers':
    case 'statefulsets':
    case 'jobs':
      return ['spec', 'template', 'spec']
    default:
      return undefined
  }
}

/** The Pod spec that an object carries. */
export function podSpecOf(each: Found): Container | undefined {
  const path = specPath(each)
  const spec = path === undefined ? undefined : fieldOf(each.object, path.join('.'))
  return isRecord(spec) ? spec : undefined
}

export function withPodSpec(each: Found, spec: Container): StoredObject {
  return put(each.object, specPath(each) ?? [], spec) as StoredObject
}

function put(object: Readonly<Record<string, unknown>>, [name, ...rest]: readonly string[], value: Container): Container {
  if (name === undefined) return value
  const inner = object[name]
  return { ...object, [name]: put(isRecord(inner) ? inner : {}, rest, value) }
}

/** The containers of a Pod spec under one of its lists. */
export function containersIn(spec: Container, list: 'containers' | 'initContainers'): readonly Container[] {
  const found = spec[list]
  return Array.isArray(found) ? found.filter(isRecord) : []
}

/** Changes the containers whose names a pattern (with `*`) fits, in both lists. */
export function mapContainers(spec: Container, pattern: string, change: (container: Container) => Container): Container {
  const fits = (container: Container): boolean => isLike(String(container['name'] ?? ''), pattern)
  const mapped = (list: 'containers' | 'initContainers'): Container =>
    spec[list] === undefined ? {} : { [list]: containersIn(spec, list).map((each) => (fits(each) ? change(each) : each)) }
  return { ...spec, ...mapped('containers'), ...mapped('initContainers') }
}

/** Those of a Pod spec's containers whose names a pattern fits, the ordinary ones first. Source: kubernetes kubectl pkg/cmd/set/helper.go selectContainers */
export function selectContainers(spec: Container, pattern: string): readonly Container[] {
  return [...containersIn(spec, 'containers'), ...containersIn(spec, 'initContainers')].filter((each) =>
    isLike(String(each['name'] ?? ''), pattern),
  )
}

/** Whether a name fits a pattern, in which `*` stands for anything. Source: kubernetes kubectl pkg/cmd/set/helper.go selectString */
export function isLike(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}
