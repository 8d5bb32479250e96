import type { ApiError } from '../sim/index.js'

/** Something that went wrong in a command: the API server's refusal, with what was being done, or kubectl's own complaint. */
export type CommandError =
  | { readonly kind: 'api'; readonly error: ApiError; readonly doing?: string }
  /** Printed after `error: `. */
  | { readonly kind: 'plain'; readonly message: string }
  /** Printed as it stands. */
  | { readonly kind: 'raw'; readonly message: string }

export function apiError(error: ApiError, doing?: string): CommandError {
  return doing === undefined ? { kind: 'api', error } : { kind: 'api', error, doing }
}

export function plainError(message: string): CommandError {
  return { kind: 'plain', message }
}

/** Where `kubectl` finds the API server. */
export const SERVER_ADDRESS = '172.18.0.2:6443'

/**
 * What kubectl prints on standard error for the errors of one command; empty when there are none.
 * Source: kubernetes kubectl pkg/cmd/util/helpers.go checkErr, StandardErrorMessage
 */
export function errorText(errors: readonly CommandError[]): string {
  const [only] = errors
  if (only === undefined) return ''
  if (errors.length === 1 && only.kind === 'api' && only.error.reason === 'Invalid') return invalidText(only.error)
  return [...new Set(errors.map((each) => oneLine(each, errors.length === 1)))].join('')
}

/** kubectl's own complaint is announced as an error only where it is the only one. Source: kubernetes kubectl pkg/cmd/util/helpers.go MultipleErrors */
function oneLine(error: CommandError, isAlone: boolean): string {
  switch (error.kind) {
    case 'raw':
      return `${error.message}\n`
    case 'plain': {
      const announced = isAlone && !error.message.startsWith('error: ') ? `error: ${error.message}` : error.message
      return announced.endsWith('\n') ? announced : `${announced}\n`
    }
    case 'api':
      return apiText(error.error, error.doing)
  }
}

function apiText({ code, reason, message }: ApiError, doing: string | undefined): string {
  if (isRefusedConnection(code, message)) {
    return `The connection to the server ${SERVER_ADDRESS} was refused - did you specify the right host or port?\n`
  }
  const told = doing === undefined ? message : `${doing}: ${message}`
  if (reason === 'Unauthorized') return `error: You must be logged in to the server (${reason})\n`
  return reason === '' ? `Error from server: ${told}\n` : `Error from server (${reason}): ${told}\n`
}

function isRefusedConnection(code: number, message: string): boolean {
  return code === 503 && /refused|unreachable|connection/i.test(message)
}

function invalidText({ details, message }: ApiError): string {
  const { kind = '', name = '', causes = [] } = details ?? {}
  const head = kind === '' && name === '' ? 'The request is invalid' : `The ${kind} "${name}" is invalid`
  const texts = [
    ...new Set(
      causes.map((each) => (each.field === undefined || each.field === '' ? each.message : `${each.field}: ${each.message}`)),
    ),
  ]
  if (texts.length === 0) return `${head}${message === '' ? '' : `: ${message}`}\n`
  if (texts.length === 1) return `${head}: ${texts[0]}\n`
  return `${head}: \n${texts.map((text) => `* ${text}\n`).join('')}`
}
