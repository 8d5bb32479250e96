import type { ApiError } from './apiError.js'

/** In which form a client wants objects. */
export type Form =
  | { readonly kind: 'object' }
  | { readonly kind: 'metadata'; readonly version: string }
  | { readonly kind: 'table'; readonly version: string }

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** The form of the first entry of an Accept header that can be served. Source: apiserver pkg/endpoints/handlers/negotiation/negotiate.go, response.go targetEncodingForTransform */
export function formAsked(accept: string | undefined): Form | ApiError {
  if (accept === undefined || accept.trim() === '') return { kind: 'object' }
  for (const entry of accept.split(',')) {
    const [type = '', ...parameters] = entry.split(';').map((each) => each.trim())
    if (!MEDIA_TYPES.includes(type) && type !== '*/*' && type !== 'application/*') continue
    const parameter = (name: string): string | undefined =>
      parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1)
    const form = formOf(parameter('as'), parameter('g'), parameter('v'))
    if (form !== undefined) return form
  }
  const message = `only the following media types are accepted: ${MEDIA_TYPES.join(', ')}`
  return { code: 406, reason: 'NotAcceptable', message }
}

function formOf(as: string | undefined, group: string | undefined, version: string | undefined): Form | undefined {
  if (as === undefined) return { kind: 'object' }
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined
  if (as === 'Table') return { kind: 'table', version }
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' ? { kind: 'metadata', version } : undefined
}
