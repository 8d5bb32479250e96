/** A Kubernetes `Status` of a refusal: the API server's own words. Source: apimachinery pkg/api/errors/errors.go */
export interface ApiError {
  /** HTTP status: 404, 409, 422, ... */
  readonly code: number
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `BadRequest`, `Forbidden`, `ServiceUnavailable`, ... */
  readonly reason: string
  readonly message: string
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly uid?: string
    readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field?: string }[]
    readonly retryAfterSeconds?: number
  }
}
