import { faultOnPhrase, type Phrase, phrase, spanPhrase } from '../../i18n/index.js'
import type { Action } from '../../protocol/index.js'

/** An action for the list of what led here: a command or request as one types it, all else in the reader's words. */
export function actionText(action: Action): Phrase {
  switch (action.type) {
    case 'kubectl':
      return phrase('thing.other', { name: `kubectl ${action.args.join(' ')}` })
    case 'request': {
      const { from, to, proto, count, force } = action.request
      const many = count === undefined || count === 1 ? '' : ` ×${count}`
      const request = `${from} → ${to} ${proto}${many}`
      return force === undefined
        ? phrase('thing.other', { name: request })
        : phrase('share.forced', { request, endpoint: force.endpoint })
    }
    case 'fault': {
      const what = faultOnPhrase(action.fault, action.target)
      if (!action.active) return phrase('fault.mend', { what })
      return action.lag === undefined ? what : phrase('share.slowed', { what, span: spanPhrase(action.lag) })
    }
    case 'wait':
      return phrase('shell.wait.by', { span: spanPhrase(action.us) })
  }
}
