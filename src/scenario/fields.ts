import type { SourceDocument, SourceFile } from './documents.js'
import { isRecord, locate } from './documents.js'
import type { SourceError } from './place.js'

/** Reads the fields of one of our own or of a configuration document and notes what is wrong, at its line. */
export class FieldReader {
  readonly errors: SourceError[] = []
  private readonly source: SourceDocument
  private readonly files: readonly SourceFile[]

  constructor(source: SourceDocument, files: readonly SourceFile[]) {
    this.source = source
    this.files = files
  }

  report(path: string, code: SourceError['code'], message: string, params: Readonly<Record<string, string>> = {}): void {
    const file = this.files.find((each) => each.name === this.source.file)
    const place = file === undefined ? this.source.place : locate(file, this.source.document, path, this.source.path)
    this.errors.push({ ...place, code, message: `${path}: ${message}`, params: { path, ...params } })
  }

  /** Notes what somebody else says of a field, in their words. */
  quote(path: string, message: string): void {
    this.report(path, 'bad-field', message)
    const last = this.errors.pop()
    if (last !== undefined) this.errors.push({ ...last, message })
  }

  record(value: unknown, path: string): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {}
    if (isRecord(value)) return value
    this.report(path, 'bad-field', 'must be a map')
    return {}
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value
    this.report(path, 'bad-field', 'must be a list')
    return []
  }

  text(value: unknown, path: string): string | undefined {
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    this.report(path, 'bad-field', 'must be a string')
    return undefined
  }

  required(value: unknown, path: string): string {
    const text = this.text(value, path)
    if (text === undefined) this.report(path, 'missing-field', 'is required')
    return text ?? ''
  }

  flag(value: unknown, path: string): boolean {
    if (value === undefined || value === null) return false
    if (typeof value === 'boolean') return value
    this.report(path, 'bad-field', 'must be true or false')
    return false
  }

  count(value: unknown, path: string): number | undefined {
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
    this.report(path, 'bad-field', 'must be a whole number, 0 or more')
    return undefined
  }

  oneOf<T extends string>(value: unknown, path: string, allowed: readonly T[]): T | undefined {
    if (value === undefined || value === null) return undefined
    const found = allowed.find((each) => each === value)
    if (found === undefined)
      this.report(path, 'bad-field', `must be one of ${allowed.join(', ')}`, { allowed: allowed.join(', ') })
    return found
  }

  strings(value: unknown, path: string): Readonly<Record<string, string>> {
    const read: Record<string, string> = {}
    for (const [key, each] of Object.entries(this.record(value, path))) {
      const text = this.text(each, `${path}[${key}]`)
      if (text !== undefined) read[key] = text
    }
    return read
  }

  /** Notes every field that the form does not have. */
  only(record: Readonly<Record<string, unknown>>, path: string, known: readonly string[]): void {
    for (const key of Object.keys(record)) {
      if (known.includes(key)) continue
      this.report(path === '' ? key : `${path}.${key}`, 'unknown-field', 'unknown field')
    }
  }
}
