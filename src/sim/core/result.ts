/** What may well go wrong: the caller looks before it uses the value. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function fail<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error }
}

/** A fault of ours, never of the input. Not caught inside `sim`: the worker reports it with seed and step. */
export class SimBug extends Error {
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>

  constructor(code: string, params: Readonly<Record<string, unknown>> = {}) {
    super(`${code} ${JSON.stringify(params)}`)
    this.name = 'SimBug'
    this.code = code
    this.params = params
  }
}

/** Ends every `switch` over a union: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new SimBug('unreachable', { value })
}
