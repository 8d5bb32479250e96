import type { ApiError } from './apiError.js'
import type { ResourceInfo } from './kinds.js'

/** One fault of a field, as the validation of the API server words it. Source: apimachinery pkg/util/validation/field/errors.go */
export interface FieldError {
  readonly reason: CauseReason
  readonly field: string
  /** Without the field: `Invalid value: "x": must be ...`. */
  readonly message: string
}

export type CauseReason =
  | 'FieldValueInvalid'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

/** `deployments.apps`, or `pods` in the core group. */
export function qualified(info: { readonly group: string }, name: string): string {
  return info.group === '' ? name : `${name}.${info.group}`
}

function detailsOf(info: ResourceInfo, name: string): NonNullable<ApiError['details']> {
  return { ...(name === '' ? {} : { name }), ...(info.group === '' ? {} : { group: info.group }), kind: info.resource }
}

export function notFound(info: ResourceInfo, name: string): ApiError {
  return {
    code: 404,
    reason: 'NotFound',
    message: `${qualified(info, info.resource)} "${name}" not found`,
    details: detailsOf(info, name),
  }
}

export function alreadyExists(info: ResourceInfo, name: string): ApiError {
  return {
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(info, info.resource)} "${name}" already exists`,
    details: detailsOf(info, name),
  }
}

export function conflict(info: ResourceInfo, name: string, why: string): ApiError {
  return {
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(info, info.resource)} "${name}": ${why}`,
    details: detailsOf(info, name),
  }
}

/** The usual conflict: somebody else wrote in between. */
export const OBJECT_MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

export function forbidden(info: ResourceInfo, name: string, why: string): ApiError {
  const about = name === '' ? qualified(info, info.resource) : `${qualified(info, info.resource)} "${name}"`
  return { code: 403, reason: 'Forbidden', message: `${about} is forbidden: ${why}`, details: detailsOf(info, name) }
}

export function badRequest(message: string): ApiError {
  return { code: 400, reason: 'BadRequest', message }
}

export function internalError(message: string): ApiError {
  return { code: 500, reason: '', message }
}

export function methodNotAllowed(): ApiError {
  return {
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  }
}

/** An error of the store is no API error: it is passed on as it is. Source: apiserver pkg/endpoints/handlers/responsewriters/status.go ErrorToAPIStatus */
export function storeAway(): ApiError {
  return { code: 500, reason: '', message: 'etcdserver: request timed out' }
}

/** What a client sees while the API server is away. */
export function unavailable(message: string): ApiError {
  return { code: 503, reason: 'ServiceUnavailable', message }
}

/** 422 with one cause for each faulty field. Source: apimachinery pkg/api/errors/errors.go NewInvalid */
export function invalid(
  about: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = [...new Set(errors.map((each) => `${each.field}: ${each.message}`))]
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return {
    code: 422,
    reason: 'Invalid',
    message: `${qualified(about, about.kind)} "${name}" is invalid: ${joined}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(about.group === '' ? {} : { group: about.group }),
      ...(about.kind === '' ? {} : { kind: about.kind }),
      causes: errors.map((each) => ({ reason: each.reason, message: each.message, field: each.field })),
    },
  }
}
