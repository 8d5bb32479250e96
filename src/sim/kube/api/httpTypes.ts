import type { ApiError } from './apiError.js'
import type { ResourceInfo } from './kinds.js'

/** A request as it would cross the wire. */
export interface HttpRequest {
  readonly verb: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly contentType?: string
  /** The Accept header. */
  readonly accept?: string
  /** Of a watch: the revision at which it was opened; now when absent. */
  readonly openedAt?: number
  /** Parsed JSON, or text: parsed here, with Go's words for what is broken. */
  readonly body?: unknown
}

export interface HttpResponse {
  readonly code: number
  readonly body: unknown
  readonly warnings: readonly string[]
}

/** What a path names. */
export interface Target {
  readonly info: ResourceInfo
  readonly apiVersion: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

export function failed(error: ApiError, warnings: readonly string[]): HttpResponse {
  return { code: error.code, body: toStatus(error), warnings }
}

/** The `Status` object of a refusal. */
export function toStatus(error: ApiError): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    ...(error.reason === '' ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    code: error.code,
  }
}

export function success(code: number): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code }
}
