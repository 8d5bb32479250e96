import { isRecord } from './draft.js'
import type { HttpResponse } from './httpTypes.js'

const META = 'meta.k8s.io/v1'

/** The same answer with each object's metadata alone; a refusal stays as it is. Source: apiserver pkg/endpoints/handlers/response.go */
export function asPartial(response: Omit<HttpResponse, 'warnings'>): Omit<HttpResponse, 'warnings'> {
  const { code, body } = response
  if (code >= 300) return response
  if (Array.isArray(body)) {
    const events = (body as readonly { readonly type: string; readonly object: unknown }[]).map((event) =>
      event.type === 'ERROR' ? event : { ...event, object: partOf(event.object) },
    )
    return { code, body: events }
  }
  if (!isRecord(body) || body['kind'] === 'Status') return response
  if (!Array.isArray(body['items'])) return { code, body: partOf(body) }
  const items = (body['items'] as readonly unknown[]).map(partOf)
  return { code, body: { kind: 'PartialObjectMetadataList', apiVersion: META, metadata: body['metadata'], items } }
}

function partOf(object: unknown): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: META, metadata: isRecord(object) ? object['metadata'] : {} }
}
