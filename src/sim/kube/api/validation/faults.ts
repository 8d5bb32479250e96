import type { FieldError } from '../errors.js'

/** Gathers faults of fields, each in the API server's form. Source: apimachinery pkg/util/validation/field/errors.go */
export interface Faults {
  readonly list: FieldError[]
  required(field: string, detail?: string): void
  invalid(field: string, value: unknown, detail: string): void
  notSupported(field: string, value: unknown, supported: readonly string[]): void
  duplicate(field: string, value: unknown, detail?: string): void
  forbidden(field: string, detail: string): void
  tooLong(field: string, max: number): void
  tooMany(field: string, count: number, max: number): void
  notFound(field: string, value: unknown, detail?: string): void
  /** Invalid, where the value is not shown. */
  wrong(field: string, detail: string): void
  /** One fault for each text. */
  invalidEach(field: string, value: unknown, details: readonly string[]): void
}

export function gatherFaults(): Faults {
  const list: FieldError[] = []
  const add = (reason: FieldError['reason'], field: string, message: string): void => {
    list.push({ reason, field, message })
  }
  const faults: Faults = {
    list,
    required: (field, detail) =>
      add('FieldValueRequired', field, detail === undefined ? 'Required value' : `Required value: ${detail}`),
    invalid: (field, value, detail) => {
      add('FieldValueInvalid', field, `Invalid value: ${print(value)}${detail === '' ? '' : `: ${detail}`}`)
    },
    notSupported: (field, value, supported) => {
      const values = supported.map((each) => JSON.stringify(each)).join(', ')
      add('FieldValueNotSupported', field, `Unsupported value: ${print(value)}: supported values: ${values}`)
    },
    duplicate: (field, value, detail) => {
      add('FieldValueDuplicate', field, `Duplicate value: ${print(value)}${detail === undefined ? '' : `: ${detail}`}`)
    },
    forbidden: (field, detail) => add('FieldValueForbidden', field, `Forbidden: ${detail}`),
    tooLong: (field, max) => add('FieldValueTooLong', field, `Too long: may not be more than ${max} bytes`),
    tooMany: (field, count, max) => add('FieldValueTooMany', field, `Too many: ${count}: must have at most ${max} items`),
    notFound: (field, value, detail) => {
      add('FieldValueNotFound', field, `Not found: ${print(value)}${detail === undefined ? '' : `: ${detail}`}`)
    },
    wrong: (field, detail) => add('FieldValueInvalid', field, `Invalid value: ${detail}`),
    invalidEach: (field, value, details) => {
      for (const detail of details) faults.invalid(field, value, detail)
    },
  }
  return faults
}

function print(value: unknown): string {
  return JSON.stringify(value === undefined ? null : value)
}

export const NOT_NEGATIVE = 'must be greater than or equal to 0'
export const IMMUTABLE = 'field is immutable'
export const PORT_RANGE = 'must be between 1 and 65535, inclusive'

export function checkNotNegative(faults: Faults, field: string, value: number | undefined): void {
  if (value !== undefined && value < 0) faults.invalid(field, value, NOT_NEGATIVE)
}

export function isPort(value: number): boolean {
  return value >= 1 && value <= 65_535
}
