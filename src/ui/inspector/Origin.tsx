import { type ReactNode, useEffect, useState } from 'react'
import { phrase, thingPhrase, usePhrases, useTranslate } from '../../i18n/index.js'
import type { AskedRule, EndpointSource, RuleSource, ThingId } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'
import { findStep, useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { Fact, Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { useThingName } from '../common/thingName.js'
import { useDraft } from '../editor/draft.js'
import { lineOfField, lineOfService } from '../editor/place.js'
import { revealLine } from '../editor/reveal.js'
import { useUi } from '../uiState.js'
import { becauseOf } from './because.js'
import { choiceOf, fieldOf, LeftOut } from './LeftOut.js'
import styles from './Origin.module.css'
import { Stale } from './Stale.js'
import { selectThing } from './select.js'

/** Endpoints of one rule that are told. */
const SHOWN = 12

/** From a rule back: the sync that wrote it, the Service, EndpointSlice and Pod for whose sake, and the YAML line. */
export function Origin({
  node,
  rule,
  brief = false,
  chosen,
  via,
}: {
  readonly node: string
  readonly rule: AskedRule
  /** Leaves the rule itself out, where it is in view beside. */
  readonly brief?: boolean
  /** The endpoint (`ip:port`) that this packet got, where the rule names several. */
  readonly chosen?: string
  /** The chain that led the packet to the rule's own. */
  readonly via?: string | undefined
}) {
  const t = useTranslate()
  const source = useSource(node, rule)
  return (
    <section className={styles['origin']} aria-label={t('rules.origin')} data-testid="rule-origin">
      <h3>{t('rules.origin')}</h3>
      <ol className={styles['chain']}>
        {!brief && (
          <Link>
            <Say phrase={phrase('rules.origin.rule', { node: thingPhrase(`node/${node}`) })} />
            <code lang="en" translate="no">
              {rule.text}
            </code>
          </Link>
        )}
        {source === undefined ? (
          <Link>{t('inspector.loading')}</Link>
        ) : source.kind === 'service' ? (
          <ServiceChain node={node} rule={rule} source={source} chosen={chosen} via={via} />
        ) : (
          <Link>
            <Say phrase={phrase(source.kind === 'fixed' ? 'rules.origin.fixed' : 'rules.origin.other')} />
          </Link>
        )}
      </ol>
    </section>
  )
}

function Link({ children }: { readonly children: ReactNode }) {
  return <li className={styles['link']}>{children}</li>
}

function ServiceChain({
  node,
  rule,
  source,
  chosen,
  via,
}: {
  readonly node: string
  readonly rule: AskedRule
  readonly chosen: string | undefined
  readonly via: string | undefined
  readonly source: Extract<RuleSource, { readonly kind: 'service' }>
}) {
  const { service, port, protocol, endpoints, serviceExists } = source
  const slices = [...new Set(endpoints.flatMap(({ slice }) => slice ?? []))]
  const told = endpoints.toSorted((a, b) => Number(b.endpoint === chosen) - Number(a.endpoint === chosen))
  const because = becauseOf(rule, source.clusterIPs)
  const choice = choiceOf(rule, source, via)
  return (
    <>
      <Written node={node} step={source.writtenBy} />
      {because !== undefined && (
        <Link>
          <b>
            <Say phrase={because.says} />
          </b>
        </Link>
      )}
      {told.slice(0, SHOWN).map((endpoint) => (
        <Endpoint
          key={endpoint.endpoint}
          node={node}
          source={endpoint}
          isChosen={endpoints.length > 1 && endpoint.endpoint === chosen}
        />
      ))}
      {endpoints.length > SHOWN && (
        <Link>
          <Say phrase={phrase('dump.more', { count: endpoints.length - SHOWN })} />
        </Link>
      )}
      {choice !== undefined && (
        <Link>
          <LeftOut node={node} choice={choice} />
        </Link>
      )}
      {slices.map((slice) => (
        <Link key={slice}>
          <Say phrase={phrase('rules.origin.listed')} /> <ThingButton id={`object/EndpointSlice/${slice}`} />
        </Link>
      ))}
      <Link>
        <Say phrase={phrase('rules.origin.for', { service, port: String(port), protocol })} />{' '}
        {serviceExists ? (
          <ThingButton id={`object/Service/${service}`} />
        ) : (
          <span className={styles['stale']}>
            <Say phrase={phrase('rules.origin.serviceGone')} />
          </span>
        )}
      </Link>
      <YamlLink service={service} port={port} field={because?.field ?? fieldOf(choice)} />
    </>
  )
}

function Written({ node, step }: { readonly node: string; readonly step: number | undefined }) {
  const known = useMirror((mirror) => step !== undefined && mirror.steps[findStep(mirror.steps, step)]?.id === step)
  return (
    <Link>
      <Say phrase={phrase('rules.origin.written', { proxy: thingPhrase(`kube-proxy/${node}`) })} />{' '}
      {known && step !== undefined ? (
        <StepLink to={step} before={() => useUi.setState({ panel: 'step' })}>
          <Say phrase={phrase('rules.origin.step', { n: step })} terms={false} />
        </StepLink>
      ) : (
        <Say phrase={phrase('rules.origin.before')} />
      )}
    </Link>
  )
}

function Endpoint(props: { readonly node: string; readonly source: EndpointSource; readonly isChosen: boolean }) {
  const { node, source, isChosen } = props
  const { endpoint, pod } = source
  return (
    <Link>
      <Say phrase={phrase(isChosen ? 'rules.origin.endpoint.chosen' : 'rules.origin.endpoint', { endpoint })} />{' '}
      {pod === undefined ? <Say phrase={phrase('rules.origin.noPod')} /> : <ThingButton id={`pod/${pod}`} />}
      <Stale node={node} source={source} />
    </Link>
  )
}

function YamlLink(props: { readonly service: string; readonly port: number; readonly field: string | undefined }) {
  const { service, port, field } = props
  const line = useDraft((draft) => lineOfField(draft.text, service, field) ?? lineOfService(draft.text, service, port))
  return (
    <Link>
      {line === undefined ? (
        <Say phrase={phrase('rules.origin.noYaml')} />
      ) : (
        <Button look="chip" onClick={() => revealLine(line)}>
          <Say phrase={phrase('rules.origin.yaml', { line })} terms={false} />
        </Button>
      )}
    </Link>
  )
}

/** A thing that a click selects. */
export function ThingButton({ id, tab }: { readonly id: ThingId; readonly tab?: string }) {
  const { say } = usePhrases()
  const name = useThingName(id)
  return (
    <Button look="chip" className={styles['thing'] ?? ''} onClick={() => selectThing(id, tab)}>
      <Fact>{say(name)}</Fact>
    </Button>
  )
}

/** Asks the simulation; again wherever we stand. Undefined until it has answered. */
function useSource(node: string, rule: AskedRule): RuleSource | undefined {
  const position = useMirror((mirror) => mirror.position.step)
  const { chain, text } = rule
  const key = `${node} ${chain} ${text}`
  const [answer, setAnswer] = useState<{ readonly key: string; readonly source: RuleSource } | undefined>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rule is the same while its key is
  useEffect(() => {
    let wanted = true
    void askFor({ type: 'rule-origin', node, rule }, 'rule-origin').then((reply) => {
      if (wanted && reply !== undefined) setAnswer({ key, source: reply.source })
    })
    return () => {
      wanted = false
    }
  }, [key, position])
  return answer?.key === key ? answer.source : undefined
}
