import type { Refusal } from './messages.js'

/** Thrown on the way to an answer when what was asked cannot be; the desk turns it into a `refused` message. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(code: Refusal['code'], params: Refusal['params'] = {}, diagnostics?: Refusal['diagnostics']) {
    super(code)
    this.name = 'Refused'
    this.refusal = { code, params, ...(diagnostics === undefined ? {} : { diagnostics }) }
  }
}
