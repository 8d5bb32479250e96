import * as v from 'valibot'
import { ActionSchema, RequestSchema, text, whole } from './actionSchema.js'
import type { PageMessage } from './messages.js'

/** Larger than the limit of the reader, which tells its own refusal. */
const FILE_MAX = 50_000_000

const SourceSchema = v.variant('type', [
  v.object({ type: v.literal('builtin'), id: text(200) }),
  v.object({ type: v.literal('link'), text: text(FILE_MAX) }),
  v.object({ type: v.literal('saved'), text: text(FILE_MAX) }),
  v.object({
    type: v.literal('files'),
    files: v.pipe(v.array(v.object({ name: text(1_000), text: text(FILE_MAX) })), v.maxLength(200)),
    seed: v.exactOptional(text(200)),
  }),
])

const WhereSchema = v.union([v.picklist(['start', 'end']), v.object({ step: whole })])

const MessageSchema = v.variant('type', [
  v.object({ requestId: whole, type: v.literal('open'), source: SourceSchema, protocolVersion: v.number() }),
  v.object({ requestId: whole, type: v.literal('act'), action: ActionSchema }),
  v.object({ requestId: whole, type: v.literal('seek'), where: WhereSchema }),
  v.object({ requestId: whole, type: v.literal('story') }),
  v.object({ requestId: whole, type: v.literal('checks') }),
  v.object({ requestId: whole, type: v.literal('undo') }),
  v.object({ requestId: whole, type: v.literal('start-over') }),
  v.object({ requestId: whole, type: v.literal('manifests') }),
  v.object({ requestId: whole, type: v.literal('export') }),
  v.object({ requestId: whole, type: v.literal('digest') }),
  v.object({ requestId: whole, type: v.literal('explore'), request: RequestSchema }),
  v.object({ requestId: whole, type: v.literal('misses'), step: whole }),
  v.object({ requestId: whole, type: v.literal('sync-rules'), step: whole }),
  v.object({ requestId: whole, type: v.literal('inspect'), thing: text(1_000) }),
  v.object({
    requestId: whole,
    type: v.literal('rule-origin'),
    node: text(300),
    rule: v.object({
      chain: text(1_000),
      text: text(20_000),
      action: v.exactOptional(text(2_000)),
      packet: v.exactOptional(v.object({ proto: text(20), dst: text(100), dport: whole })),
    }),
  }),
  v.object({ requestId: whole, type: v.literal('rules-of-service'), kind: text(300), namespace: text(300), name: text(300) }),
  v.object({
    requestId: whole,
    type: v.literal('try-dump'),
    node: text(300),
    text: text(FILE_MAX),
    packet: v.exactOptional(v.object({ src: text(100), dst: text(200), proto: v.picklist(['tcp', 'udp', 'sctp']) })),
  }),
  v.object({ requestId: whole, type: v.literal('kubectl-read'), args: v.pipe(v.array(text(2_000)), v.maxLength(200)) }),
  v.object({ requestId: whole, type: v.literal('check-manifest'), text: text(FILE_MAX) }),
  v.object({ requestId: whole, type: v.literal('link'), view: v.record(text(100), text(100_000)) }),
  v.object({ requestId: whole, type: v.literal('save'), view: v.record(text(100), text(100_000)) }),
])

/** A message of the page, or undefined when it is none: scripts of other origins may post to a worker's page, too. */
export function parsePageMessage(data: unknown): PageMessage | undefined {
  const parsed = v.safeParse(MessageSchema, data)
  return parsed.success ? parsed.output : undefined
}
