import { useMemo } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { Popover } from '../common/Popover.js'
import { type RequestDraft, useUi } from '../uiState.js'
import styles from './RequestBar.module.css'
import { type Choice, requestOf, sourcesOf, targetChosen, targetsOf } from './requestModel.js'
import { exploreRequest, sendRequest } from './send.js'

function change(patch: Partial<RequestDraft>): void {
  useUi.setState((ui) => ({ draft: { ...ui.draft, ...patch } }))
}

/** What will be sent: from, to, and less usual choices behind Options. Enter sends. */
export function RequestBar() {
  const t = useTranslate()
  const scene = useMirror((mirror) => mirror.scene)
  const draft = useUi((ui) => ui.draft)
  const sources = useMemo(() => sourcesOf(scene, draft.from), [scene, draft.from])
  const targets = useMemo(() => targetsOf(scene, draft.to), [scene, draft.to])
  const request = requestOf(draft, scene, undefined)
  const chosen = targetChosen(draft, targets)
  return (
    <form
      className={styles['bar']}
      aria-label={t('request.form')}
      onSubmit={(event) => {
        event.preventDefault()
        void sendRequest()
      }}
    >
      <label className={styles['field']}>
        <span>{t('request.from')}</span>
        <select value={request?.from ?? draft.from} onChange={(event) => change({ from: event.target.value })}>
          <Group label={t('request.clients')} choices={sources.clients} />
          <Group label={t('request.nodes')} choices={sources.nodes} />
          <Group label={t('request.pods')} choices={sources.pods} />
        </select>
      </label>
      <label className={styles['field']}>
        <span>{t('request.to')}</span>
        <select
          value={draft.to === 'custom' ? 'custom' : (chosen?.value ?? '')}
          onChange={(event) => change({ to: event.target.value })}
        >
          <Group label={t('request.services')} choices={targets.services} />
          <Group label={t('request.nodePorts')} choices={targets.nodePorts} />
          <Group label={t('request.pods')} choices={targets.pods} />
          <option value="custom">{t('request.custom')}</option>
        </select>
      </label>
      {draft.to === 'custom' && (
        <input
          className={styles['address']}
          aria-label={t('request.address')}
          placeholder="10.96.0.10:53, http://web.default/"
          lang="en"
          translate="no"
          spellCheck={false}
          value={draft.custom}
          onChange={(event) => change({ custom: event.target.value })}
        />
      )}
      <Popover label={t('request.options')}>
        <Options />
      </Popover>
      <Button look="plain" onClick={() => void exploreRequest()}>
        {t('request.explore')}
      </Button>
    </form>
  )
}

function Group({ label, choices }: { readonly label: string; readonly choices: readonly Choice[] }) {
  if (choices.length === 0) return null
  return (
    <optgroup label={label}>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value} lang="en" translate="no">
          {choice.label}
        </option>
      ))}
    </optgroup>
  )
}

const PROTOCOLS: readonly RequestDraft['proto'][] = ['tcp', 'udp', 'sctp']

function Options() {
  const t = useTranslate()
  const draft = useUi((ui) => ui.draft)
  return (
    <div className={styles['options']}>
      <label>
        <span>{t('request.protocol')}</span>
        <select
          value={draft.proto}
          disabled={draft.to !== 'custom'}
          onChange={(event) => {
            const proto = PROTOCOLS.find((known) => known === event.target.value)
            if (proto !== undefined) change({ proto })
          }}
        >
          {PROTOCOLS.map((proto) => (
            <option key={proto} value={proto}>
              {proto.toUpperCase()}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('request.connection')}</span>
        <select
          value={draft.sameConnection ? 'same' : 'new'}
          onChange={(event) => change({ sameConnection: event.target.value === 'same' })}
        >
          <option value="new">{t('request.connection.new')}</option>
          <option value="same">{t('request.connection.same')}</option>
        </select>
      </label>
      <label>
        <span>{t('request.count')}</span>
        <select value={String(draft.count)} onChange={(event) => change({ count: event.target.value === '1000' ? 1000 : 1 })}>
          <option value="1">{t('request.count.one')}</option>
          <option value="1000">{t('request.count.thousand')}</option>
        </select>
      </label>
    </div>
  )
}
