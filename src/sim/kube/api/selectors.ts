import type { StoredObject } from '../etcd/store.js'
import type { ResourceName } from './resources.js'

/** Whether an object has the fields that a selector such as `spec.nodeName=node1,status.phase!=Running` asks for. */
export function matchesFieldSelector(resource: ResourceName, selector: string, object: StoredObject): boolean {
  return selector
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const match = /^(.*?)(!=|==|=)(.*)$/.exec(term)
      if (match === null) return false
      const [, path = '', operator, value = ''] = match
      return (fieldOf(resource, path, object) === value) === (operator !== '!=')
    })
}

function fieldOf(_resource: ResourceName, path: string, object: StoredObject): string {
  let value: unknown = object
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
  }
  return value === undefined || value === null ? '' : String(value)
}
