import type { OtherResource } from '../../sim/index.js'
import { findByAnyName, OTHER_RESOURCES } from '../../sim/index.js'
import type { CommandInput, CommandOutput } from '../command.js'
import { alignTabs, GET_STYLE } from '../text/tabwriter.js'

function findOther(type: string): OtherResource | undefined {
  const [name = '', ...group] = type.split('.')
  return OTHER_RESOURCES.find(
    ([plural, short, apiVersion, , kind]) =>
      (plural === name || short.split(',').includes(name) || kind.toLowerCase() === name) &&
      (group.length === 0 || apiVersion.startsWith(`${group.join('.')}/`)),
  )
}

const COMPONENTS = ['scheduler', 'controller-manager', 'etcd-0']

/** `get` of a resource that every API server has and the sandbox keeps nothing of. Undefined for all others. */
export function getOther({ args, namespace }: CommandInput): CommandOutput | undefined {
  const [type = '', ...names] = args.words
  const other = findByAnyName(type) === undefined ? findOther(type) : undefined
  if (other === undefined) return undefined
  const [plural, , apiVersion, isNamespaced, kind, verbs] = other
  if (kind === 'Event') return undefined
  if (kind === 'ComponentStatus') return componentStatuses(names, args.flag('no-headers'))
  if (verbs !== undefined && !verbs.includes('list')) {
    return {
      stderr: 'Error from server (MethodNotAllowed): the server does not allow this method on the requested resource\n',
      exit: 1,
    }
  }
  if (names.length > 0) {
    const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0] ?? ''}` : ''
    return {
      stderr: names.map((each) => `Error from server (NotFound): ${plural}${group} "${each}" not found\n`).join(''),
      exit: 1,
    }
  }
  const where = isNamespaced && !args.flag('all-namespaces') ? ` in ${namespace} namespace.` : ''
  return { stderr: `No resources found${where}\n` }
}

/** Source: kubernetes pkg/printers/internalversion/printers.go printComponentStatus; the registry asks each component's own health check. */
function componentStatuses(names: readonly string[], noHeaders: boolean): CommandOutput {
  const shown = names.length === 0 ? COMPONENTS : COMPONENTS.filter((each) => names.includes(each))
  const head = noHeaders ? [] : ['NAME\tSTATUS\tMESSAGE\tERROR']
  const rows = shown.map((name) => `${name}\tHealthy\tok\t`)
  return {
    stdout: shown.length === 0 ? '' : `${alignTabs([...head, ...rows].join('\n'), GET_STYLE)}\n`,
    stderr: 'Warning: v1 ComponentStatus is deprecated in v1.19+\n',
  }
}
