import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError, SERVER_ADDRESS } from '../errors.js'
import { alignTabs, GET_STYLE } from '../text/tabwriter.js'

/** As kubeadm writes it into admin.conf. */
const CONTEXT = 'kubernetes-admin@kubernetes'
const CLUSTER = 'kubernetes'
const USER = 'kubernetes-admin'

const VIEW = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: DATA+OMITTED
    server: https://${SERVER_ADDRESS}
  name: ${CLUSTER}
contexts:
- context:
    cluster: ${CLUSTER}
    user: ${USER}
  name: ${CONTEXT}
current-context: ${CONTEXT}
kind: Config
users:
- name: ${USER}
  user:
    client-certificate-data: DATA+OMITTED
    client-key-data: DATA+OMITTED
`

/** The one kubeconfig there is; it can be looked at, not changed. Source: kubernetes kubectl pkg/cmd/config */
export const config: Command = {
  flags: {
    output: { kind: 'string', short: 'o' },
    'no-headers': { kind: 'bool' },
    minify: { kind: 'bool' },
    raw: { kind: 'bool' },
  },
  run,
}

function run({ args }: CommandInput): CommandOutput {
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
      return { stdout: VIEW }
    case 'use-context':
      if (name === undefined) return failed(plainError('Unexpected args: []'))
      if (name !== CONTEXT) return failed(plainError(`no context exists with the name: "${name}"`))
      return { stdout: `Switched to context "${CONTEXT}".\n` }
    default:
      return failed(plainError(`kubectl config ${verb} is not simulated: there is one kubeconfig, and it stays`))
  }
}
