import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError } from '../errors.js'
import type { FlagSpecs } from '../flags.js'
import { groupHelp } from '../help/groups.js'
import { groupCommand } from './group.js'

const CERTIFICATE_FLAGS: FlagSpecs = {
  filename: { kind: 'list', short: 'f' },
  recursive: { kind: 'bool', short: 'R' },
  force: { kind: 'bool' },
  output: { kind: 'string', short: 'o' },
}

/** Source: kubernetes kubectl pkg/cmd/certificates/certificates.go */
export const certificate: Command = {
  flags: CERTIFICATE_FLAGS,
  run: (input) => {
    if (input.args.words.length === 0) return { stdout: groupHelp('certificate').text }
    return groupCommand('certificate', { approve: decide, deny: decide })(input)
  },
}

/** No signing request is kept here, so each that is named is not there. */
function decide({ args }: CommandInput, names: readonly string[]): CommandOutput {
  if (names.length === 0 && !args.isSet('filename')) {
    return failed(plainError('one or more CSRs must be specified as <name> or -f <filename>'))
  }
  const stderr = names
    .map(
      (name) =>
        `Error from server (NotFound): certificatesigningrequests.certificates.k8s.io ${JSON.stringify(name)} not found\n`,
    )
    .join('')
  return { stderr, exit: 1 }
}

const SHELLS = ['bash', 'zsh', 'fish', 'powershell']

/** Source: kubernetes kubectl pkg/cmd/completion/completion.go RunCompletion */
export const completion: Command = {
  flags: {},
  run: ({ args }) => {
    const [shell, ...more] = args.words
    const hint = "See 'kubectl completion -h' for help and examples"
    if (shell === undefined) return failed(plainError(`Shell not specified.\n${hint}`))
    if (more.length > 0) return failed(plainError(`Too many arguments. Expected only the shell type.\n${hint}`))
    if (!SHELLS.includes(shell)) return failed(plainError(`Unsupported shell type ${JSON.stringify(shell)}.\n${hint}`))
    return failed(plainError('kubectl completion is not simulated: there is no shell here'))
  },
}

/** Source: kubernetes kubectl pkg/cmd/plugin/plugin.go */
export const plugin: Command = {
  flags: { 'name-only': { kind: 'bool' } },
  run: groupCommand('plugin', {
    list: () => failed(plainError('unable to find any kubectl plugins in your PATH')),
  }),
}

export const kustomize: Command = {
  flags: { output: { kind: 'string', short: 'o' }, 'load-restrictor': { kind: 'string' }, 'enable-helm': { kind: 'bool' } },
  run: () => failed(plainError('kubectl kustomize is not simulated: give the manifests themselves')),
}

export const kuberc: Command = {
  flags: {},
  run: () => failed(plainError('kubectl kuberc is not simulated: there is no kuberc file here')),
}

/** Flags that every command takes, with their defaults. Source: kubernetes cli-runtime pkg/genericclioptions/config_flags.go AddFlags */
const OPTIONS: readonly (readonly [string, string])[] = [
  ["--as=''", 'Username to impersonate for the operation. User could be a regular user or a service account in a namespace.'],
  ['--as-group=[]', 'Group to impersonate for the operation, this flag can be repeated to specify multiple groups.'],
  ["--as-uid=''", 'UID to impersonate for the operation.'],
  [
    '--as-user-extra=[]',
    'User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.',
  ],
  ["--cache-dir='/root/.kube/cache'", 'Default cache directory'],
  ["--certificate-authority=''", 'Path to a cert file for the certificate authority'],
  ["--client-certificate=''", 'Path to a client certificate file for TLS'],
  ["--client-key=''", 'Path to a client key file for TLS'],
  ["--cluster=''", 'The name of the kubeconfig cluster to use'],
  ["--context=''", 'The name of the kubeconfig context to use'],
  ['--disable-compression=false', 'If true, opt-out of response compression for all requests to the server'],
  [
    '--insecure-skip-tls-verify=false',
    "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
  ],
  ["--kubeconfig=''", 'Path to the kubeconfig file to use for CLI requests.'],
  [
    "--kuberc=''",
    'Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off.',
  ],
  ['--log-flush-frequency=5s', 'Maximum number of seconds between log flushes'],
  ['--match-server-version=false', 'Require server version to match client version'],
  ["-n, --namespace=''", 'If present, the namespace scope for this CLI request'],
  ["--password=''", 'Password for basic authentication to the API server'],
  ["--profile='none'", 'Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)'],
  ["--profile-output='profile.pprof'", 'Name of the file to write the profile to'],
  [
    "--request-timeout='0'",
    "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
  ],
  ["-s, --server=''", 'The address and port of the Kubernetes API server'],
  [
    "--tls-server-name=''",
    'Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used',
  ],
  ["--token=''", 'Bearer token for authentication to the API server'],
  ["--user=''", 'The name of the kubeconfig user to use'],
  ["--username=''", 'Username for basic authentication to the API server'],
  ['-v, --v=0', 'number for the log level verbosity'],
  [
    '--vmodule=',
    'comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)',
  ],
  ['--warnings-as-errors=false', 'Treat warnings received from the server as errors and exit with a non-zero exit code'],
]

const WIDTH = 120

/** Source: kubernetes kubectl pkg/cmd/options/options.go, pkg/util/templates/help_flags_printer.go */
export const options: Command = {
  flags: {},
  run: () => {
    const listed = OPTIONS.map(([flag, text]) => `    ${flag}:\n${wrapped(text)}\n`)
    return { stdout: `The following options can be passed to any command:\n\n${listed.join('\n')}\n` }
  },
}

/** Lines of a flag's description, each behind a tab. */
function wrapped(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + 1 + word.length > WIDTH - 8) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line) => `\t${line}`).join('\n')
}
