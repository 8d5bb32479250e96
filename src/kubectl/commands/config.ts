import { infoOf } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError, SERVER_ADDRESS } from '../errors.js'
import { commandPath, isGroup } from '../help/groups.js'
import { printFormatted } from '../printing.js'
import { alignTabs, GET_STYLE } from '../text/tabwriter.js'
import { goYaml } from '../text/yaml.js'
import { noSubcommand } from './group.js'

/** As kubeadm writes it into admin.conf. */
const CONTEXT = 'kubernetes-admin@kubernetes'
const CLUSTER = 'kubernetes'
const USER = 'kubernetes-admin'

/** The kubeconfig as it is shown, without what is secret. Source: client-go tools/clientcmd/api/v1/types.go */
const VIEW = {
  apiVersion: 'v1',
  clusters: [{ cluster: { 'certificate-authority-data': 'DATA+OMITTED', server: `https://${SERVER_ADDRESS}` }, name: CLUSTER }],
  contexts: [{ context: { cluster: CLUSTER, user: USER }, name: CONTEXT }],
  'current-context': CONTEXT,
  kind: 'Config',
  users: [{ name: USER, user: { 'client-certificate-data': 'DATA+OMITTED', 'client-key-data': 'DATA+OMITTED' } }],
}

/** The one kubeconfig there is; it can be looked at, not changed. Source: kubernetes kubectl pkg/cmd/config */
export const config: Command = {
  flags: {
    output: { kind: 'string', short: 'o' },
    'no-headers': { kind: 'bool' },
    minify: { kind: 'bool' },
    raw: { kind: 'bool' },
    flatten: { kind: 'bool' },
    merge: { kind: 'bool' },
    current: { kind: 'bool' },
    'set-raw-bytes': { kind: 'bool' },
    'embed-certs': { kind: 'bool' },
  },
  run,
}

function run(input: CommandInput): CommandOutput {
  const { args } = input
  const [verb = '', name] = args.words
  const asNames = args.text('output') === 'name'
  const list = (head: string, row: string, text: string): CommandOutput => {
    if (asNames) return { stdout: `${text}\n` }
    const lines = args.flag('no-headers') ? [row] : [head, row]
    return { stdout: `${alignTabs(lines.join('\n'), GET_STYLE)}\n` }
  }
  switch (verb) {
    case 'current-context':
      return { stdout: `${CONTEXT}\n` }
    case 'get-contexts':
      if (name !== undefined && name !== CONTEXT) return failed(plainError(`context ${name} not found`))
      return list('CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE', `*\t${CONTEXT}\t${CLUSTER}\t${USER}\t`, CONTEXT)
    case 'get-clusters':
      return list('NAME', CLUSTER, CLUSTER)
    case 'get-users':
      return list('NAME', USER, USER)
    case 'view':
      return view(args.text('output') ?? 'yaml', input)
    case 'use-context':
    case 'use':
      if (name === undefined) return failed(plainError('Unexpected args: []'))
      if (name !== CONTEXT) return failed(plainError(`no context exists with the name: "${name}"`))
      return { stdout: `Switched to context "${CONTEXT}".\n` }
    case 'delete-context':
    case 'delete-cluster':
    case 'delete-user':
      return deletion(verb, name)
    case 'rename-context':
      if (name !== CONTEXT)
        return failed(plainError(`cannot rename the context "${name ?? ''}", it's not in /etc/kubernetes/admin.conf`))
      return stays(verb)
    default:
      return isGroup('config') && commandPath('config', args.words) !== 'config'
        ? stays(verb)
        : noSubcommand('config', args.words)
  }
}

function stays(verb: string): CommandOutput {
  return failed(plainError(`kubectl config ${verb} is not simulated: there is one kubeconfig, and it stays`))
}

/** Source: kubernetes kubectl pkg/cmd/config/delete_context.go, delete_cluster.go, delete_user.go */
function deletion(verb: string, name = ''): CommandOutput {
  const what = verb.slice('delete-'.length)
  const own = { context: CONTEXT, cluster: CLUSTER, user: USER }[what]
  if (name === own) return stays(verb)
  return failed(plainError(`cannot delete ${what} ${name}, not in /etc/kubernetes/admin.conf`))
}

/** Source: kubernetes kubectl pkg/cmd/config/view.go */
function view(format: string, { env }: CommandInput): CommandOutput {
  if (format === 'yaml') return { stdout: goYaml(VIEW) }
  // As Go's struct has it: kind first.
  const { kind, apiVersion, clusters, users, contexts } = VIEW
  const typed = {
    kind,
    apiVersion,
    clusters: clusters.map(nameFirst),
    users,
    contexts: contexts.map(nameFirst),
    'current-context': CONTEXT,
  }
  if (format === 'json') return { stdout: `${JSON.stringify(typed, undefined, 4)}\n` }
  const found = [{ info: infoOf('configmaps'), object: { ...VIEW, metadata: { name: '', uid: '' } } }]
  const printed = printFormatted(format, found, true, { files: env.files })
  return printed.ok ? { stdout: printed.value } : failed(plainError(printed.error))
}

function nameFirst<T extends { readonly name: string }>({ name, ...rest }: T): object {
  return { name, ...rest }
}
