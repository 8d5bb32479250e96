import { parseDuration } from '../../scenario/index.js'
import { toTimestamp } from '../../sim/index.js'
import type { CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError } from '../errors.js'
import { goJson } from '../text/json.js'
import { goYaml } from '../text/yaml.js'

const ISSUER = 'https://kubernetes.default.svc.cluster.local'
const HOUR = 3_600
const KINDS = ['Pod', 'Secret']

/**
 * `kubectl create token`: a token with the claims that the API server would put in. Nobody signs here, so its last part says nothing.
 * Source: kubernetes kubectl pkg/cmd/create/create_token.go, pkg/serviceaccount/claims.go
 */
export function createToken(input: CommandInput, words: readonly string[]): CommandOutput {
  const { args, env, namespace } = input
  const [name] = words
  if (name === undefined || words.length > 1) {
    const hint = "See 'kubectl create token -h' for help and examples"
    return failed(plainError(`exactly one NAME is required, got ${words.length}\n${hint}`))
  }
  const problem = flagProblem(input)
  if (problem !== undefined) return failed(plainError(problem))
  const account = env.api.get('serviceaccounts', `${namespace}/${name}`)
  if (!account.ok) return failed(plainError(`failed to create token: ${account.error.message}`))
  const asked = Math.round((parseDuration(args.text('duration') ?? '0s') ?? 0) / 1_000_000)
  if (asked > 0 && asked < 600) {
    const message = `TokenRequest.authentication.k8s.io ${JSON.stringify(name)} is invalid: spec.expirationSeconds: Invalid value: ${asked}: may not specify a duration less than 10 minutes`
    return failed(plainError(`failed to create token: ${message}`))
  }
  const seconds = asked === 0 ? HOUR : asked
  const audiences = args.isSet('audience') ? args.list('audience') : [ISSUER]
  const issuedAt = secondsOf(toTimestamp(env.now))
  const { uid } = account.value.metadata
  const bound = args.text('bound-object-kind')
  const ref = bound === undefined ? {} : { [bound.toLowerCase()]: { name: args.text('bound-object-name') } }
  const claims = {
    aud: audiences,
    exp: issuedAt + seconds,
    iat: issuedAt,
    iss: ISSUER,
    jti: uid,
    'kubernetes.io': { namespace, ...ref, serviceaccount: { name, uid } },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
  const token = [{ alg: 'RS256', kid: 'podpath' }, claims]
    .map((part) => encode(JSON.stringify(part)))
    .concat(encode('unsigned'))
    .join('.')
  const format = args.text('output')
  if (format === undefined || format === '') return { stdout: token }
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { creationTimestamp: toTimestamp(env.now), name, namespace },
    spec: {
      audiences,
      boundObjectRef: bound === undefined ? null : { apiVersion: 'v1', kind: bound, name: args.text('bound-object-name') },
      expirationSeconds: seconds,
    },
    status: { expirationTimestamp: toTimestamp(env.now + seconds * 1_000_000), token },
  }
  return { stdout: format === 'json' ? `${goJson(request, '    ')}\n` : goYaml(request) }
}

function flagProblem({ args }: CommandInput): string | undefined {
  if (args.text('duration')?.startsWith('-') === true) return '--duration must be greater than or equal to 0'
  if (args.list('audience').includes('')) return '--audience must not be an empty string'
  const kind = args.text('bound-object-kind') ?? ''
  const name = args.text('bound-object-name') ?? ''
  if (kind === '') {
    if (name !== '') return '--bound-object-name can only be set if --bound-object-kind is provided'
    if (args.isSet('bound-object-uid')) return '--bound-object-uid can only be set if --bound-object-kind is provided'
    return undefined
  }
  if (!KINDS.includes(kind)) return `supported --bound-object-kind values are ${KINDS.join(', ')}`
  return name === '' ? '--bound-object-name is required if --bound-object-kind is provided' : undefined
}

/** Whole seconds since 1970 of a timestamp as the API writes it. */
function secondsOf(timestamp: string): number {
  return Math.floor(Date.parse(timestamp) / 1_000)
}

/** Base64 as tokens have it: for addresses, and without padding. */
function encode(text: string): string {
  const bytes = btoa(String.fromCharCode(...new TextEncoder().encode(text)))
  return bytes.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
