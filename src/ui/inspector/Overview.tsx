import { useMemo } from 'react'
import { faultOnPhrase, faultPhrase, phrase, usePhrases, useTranslate } from '../../i18n/index.js'
import type { ThingId } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { perform } from '../act.js'
import { Button } from '../common/Button.js'
import { Fact, Say } from '../common/Say.js'
import { sendRequest } from '../request/send.js'
import { breakableAt, brokenAt, mendAction } from '../shell/faults.js'
import { useHere } from '../shell/HereNote.js'
import { useUi } from '../uiState.js'
import { ProxyControls } from './ProxyControls.js'
import styles from './ThingView.module.css'
import { summaryOf } from './thingRows.js'
import type { Asked } from './useDetails.js'
import { whatItIs } from './whatItIs.js'

/** A thing's facts in brief and everything that can be done with it. */
export function Overview({ id, asked }: { readonly id: ThingId; readonly asked: Asked }) {
  const t = useTranslate()
  const scene = useMirror((mirror) => mirror.scene)
  const summary = useMemo(() => summaryOf(scene, id), [scene, id])
  const notSimulated = asked.state === 'here' ? asked.details.notSimulated : []
  const definition = useMemo(() => whatItIs(scene, id), [scene, id])
  return (
    <div className={styles['overview']}>
      {definition !== undefined && (
        <p className={styles['definition']}>
          <Say phrase={definition} />
        </p>
      )}
      {summary.notes.map((note) => (
        <p key={note.key} className={styles['notes']}>
          <Say phrase={note} />
        </p>
      ))}
      {id.startsWith('kube-proxy/') && <ProxyControls node={id.slice('kube-proxy/'.length)} />}
      <dl className={styles['rows']}>
        {summary.rows
          .filter((row) => row.value !== '')
          .map((row) => (
            <div key={`${row.label.key} ${Object.values(row.label.params).join()}`}>
              <dt>
                <Say phrase={row.label} />
              </dt>
              <dd>{typeof row.value === 'string' ? <Fact>{row.value}</Fact> : <Say phrase={row.value} />}</dd>
            </div>
          ))}
      </dl>
      {summary.rows.length === 0 && asked.state === 'gone' && <p>{t('inspector.gone')}</p>}
      {notSimulated.length > 0 && (
        <section>
          <h3>{t('inspector.notSimulated')}</h3>
          {notSimulated.map((what) => (
            <p key={what}>
              <Fact>{what}</Fact>
            </p>
          ))}
        </section>
      )}
      <Actions id={id} from={summary.from} to={summary.to} />
    </div>
  )
}

function Actions({ id, from, to }: { readonly id: ThingId; readonly from: string | undefined; readonly to: string | undefined }) {
  const t = useTranslate()
  const { say } = usePhrases()
  const here = useHere()
  const scene = useMirror((mirror) => mirror.scene)
  // A kube-proxy's pace has a place of its own above.
  const own = id.startsWith('kube-proxy/') ? 'slow-kube-proxy' : ''
  const faults = breakableAt(scene, id).filter(({ code }) => code !== own)
  const broken = brokenAt(scene, id).filter(({ fault }) => fault !== own)
  const node = id.startsWith('node/') ? id.slice('node/'.length) : undefined
  if (from === undefined && to === undefined && faults.length === 0 && broken.length === 0) return null
  return (
    <section>
      <h3>{here === '' ? t('inspector.actions') : `${t('inspector.actions')} · ${here}`}</h3>
      <div className={styles['actions']}>
        {from !== undefined && (
          <Button
            onClick={() => {
              useUi.setState((ui) => ({ draft: { ...ui.draft, from } }))
              void sendRequest()
            }}
          >
            {t('inspector.sendFrom')}
          </Button>
        )}
        {to !== undefined && (
          <Button
            onClick={() => {
              useUi.setState((ui) => ({ draft: { ...ui.draft, to } }))
              void sendRequest()
            }}
          >
            {t('inspector.sendTo')}
          </Button>
        )}
        {node !== undefined && <FoldButton node={node} />}
        {broken.map((fault) => (
          <Button key={fault.id} look="strong" onClick={() => void perform(mendAction(fault))}>
            {say(phrase('fault.mend', { what: faultOnPhrase(fault.fault, fault.target) }))}
          </Button>
        ))}
        {faults.map(({ code, target }) => (
          <Button key={`${code} ${target.target}`} onClick={() => void perform(target.action)}>
            {say(target.target === id ? faultPhrase(code) : faultOnPhrase(code, target.target))}
          </Button>
        ))}
      </div>
    </section>
  )
}

function FoldButton({ node }: { readonly node: string }) {
  const t = useTranslate()
  const open = useView((view) => view.openNodes.includes(node))
  return (
    <Button
      onClick={() =>
        useView.setState((view) => ({
          openNodes: open ? view.openNodes.filter((other) => other !== node) : [...view.openNodes, node],
        }))
      }
    >
      {t(open ? 'inspector.foldNode' : 'inspector.openNode')}
    </Button>
  )
}
