import type { Action } from '../../protocol/index.js'

/** An action as one would type it: for the list of what led here. */
export function actionText(action: Action): string {
  switch (action.type) {
    case 'kubectl':
      return `kubectl ${action.args.join(' ')}`
    case 'request': {
      const { from, to, proto, count, force } = action.request
      const many = count === undefined || count === 1 ? '' : ` ×${count}`
      return `${from} → ${to} ${proto}${many}${force === undefined ? '' : ` (forced: ${force.endpoint})`}`
    }
    case 'fault':
      return `${action.active ? 'break' : 'mend'} ${action.fault} ${action.target}${action.lag === undefined ? '' : ` +${action.lag / 1_000_000} s`}`
    case 'wait':
      return `+${action.us / 1_000_000} s`
  }
}
