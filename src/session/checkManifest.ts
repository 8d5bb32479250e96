import { runKubectl } from '../kubectl/index.js'
import type { SourceDocument, SourceError } from '../scenario/index.js'
import { firstMistyped, isRecord, locate, readDocuments, suggestFix } from '../scenario/index.js'
import type { ApiClient, ApiError, ApiResult } from '../sim/index.js'
import { openApi, snapshotWorld, visitWorld } from '../sim/index.js'
import type { Diagnostic } from './answers.js'
import { PERSON } from './person.js'
import type { Session } from './session.js'
import type { SessionMessages, SessionParts } from './world.js'

const FILE = 'manifests.yaml'

/**
 * What the API server would say to this text now, each fault at its place in the text. Nothing changes: it is tried on a copy of the world.
 * Several documents are tried one after the other, as kubectl applies them.
 */
export function checkManifest(session: Session, text: string): readonly Diagnostic[] {
  const files = [{ name: FILE, text }]
  const read = readDocuments(files)
  if (!read.ok) return read.error.map(toDiagnostic)
  const world = snapshotWorld(session.history.world)
  const ctx = visitWorld<SessionParts, SessionMessages>(world, { kind: 'person', instance: '' }, 'background', () => {})
  return read.value.documents.flatMap((document) => {
    const errors: ApiError[] = []
    const api = listenTo(openApi(ctx, PERSON), errors)
    const files = { [FILE]: JSON.stringify(document.value) }
    const { exit, stderr } = runKubectl(['apply', '-f', FILE], { api, files, now: world.now })
    return exit === 0 ? [] : diagnose(document, text, errors, stderr)
  })
}

/** The same client; what it refuses is noted. Looking for what is not there yet is no fault. */
function listenTo(api: ApiClient, errors: ApiError[]): ApiClient {
  const note = <T>(result: ApiResult<T>): ApiResult<T> => {
    if (!result.ok && result.error.reason !== 'NotFound') errors.push(result.error)
    return result
  }
  return {
    ...api,
    create: (resource, object, options) => note(api.create(resource, object, options)),
    update: (resource, object, options) => note(api.update(resource, object, options)),
    patch: (resource, key, type, patch, options) => note(api.patch(resource, key, type, patch, options)),
  }
}

/** A fault of a text as the editor marks it. */
export function toDiagnostic(error: SourceError): Diagnostic {
  const { line, column, message, code, params } = error
  return { severity: 'error', line, column, endLine: line, endColumn: column + 1, message, code, params }
}

function diagnose(document: SourceDocument, text: string, errors: readonly ApiError[], stderr: string): readonly Diagnostic[] {
  // A patch that cannot be read is told of as a whole; what is wrong with it stands in the message.
  const causes = errors.flatMap((error) => error.details?.causes ?? []).filter((cause) => cause.field !== 'patch')
  const fields = causes.length > 0 ? causes : errors.flatMap(fieldsInMessage)
  if (fields.length === 0) {
    const isUnreadable = errors.some(
      (error) => error.code === 400 || error.details?.causes?.some((cause) => cause.field === 'patch'),
    )
    const field = (isUnreadable ? firstMistyped(document.value) : undefined) ?? fieldOfKubectl(stderr)
    return [diagnosticAt(document, text, field, isUnreadable ? shortened(stderr) : stderr.trim())]
  }
  return fields.map(({ field = '', message }) =>
    diagnosticAt(document, text, field, field === '' ? message : `${field}: ${message}`),
  )
}

/** Strict decoding names its fields in the message alone: `unknown field "spec.replica"`. */
function fieldsInMessage(error: ApiError): readonly { readonly field: string; readonly message: string }[] {
  return [...error.message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)].map(([message, , field = '']) => ({
    field,
    message,
  }))
}

/** Without the whole patch or manifest that the API server repeats. */
function shortened(stderr: string): string {
  const text = stderr.trim()
  return /^The request is invalid: patch: Invalid value: "(?:[^"\\]|\\.)*": (.*)$/s.exec(text)?.[1] ?? text
}

/** kubectl itself speaks of `kind` and version when the server knows no such thing. */
function fieldOfKubectl(stderr: string): string {
  return stderr.includes('no matches for kind') ? 'apiVersion' : ''
}

function diagnosticAt(document: SourceDocument, text: string, field: string, message: string): Diagnostic {
  const place = locate({ name: FILE, text }, document.document, field, document.path)
  const fix = isRecord(document.value) ? suggestFix(document, text) : undefined
  return {
    severity: 'error',
    line: place.line,
    column: place.column,
    endLine: place.line,
    endColumn: place.column + Math.max(1, lineLength(text, place.line) - place.column + 1),
    message,
    code: 'api',
    params: {},
    ...(fix === undefined ? {} : { fix }),
  }
}

function lineLength(text: string, line: number): number {
  return text.split(/\r?\n/, line)[line - 1]?.length ?? 0
}
