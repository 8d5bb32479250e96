/** The share link. */
export const share = {
  'share.link': 'Share link',
  'share.copied': 'Copied to the clipboard.',
  'share.notCopied': 'Copy it from the field; the browser did not let the page do it.',
  'share.holds':
    'It holds the scenario, the seed, your actions, your predictions and this position; whoever opens it sees them replayed.',
  'share.length': '{count:character/characters}',
  'share.actions': 'Actions that led here',
  'share.noActions': 'No actions yet.',
  'share.forced': '{request}, outcome chosen: {endpoint}',
  'share.slowed': '{what}, by {span}',
  'share.name': 'Name or student number (may stay empty)',
  'share.by': 'Handed in by {name}. Under Share stands what was done.',
  'share.predictions': 'Predictions',
  'share.prediction.right': 'right',
  'share.prediction.wrong': 'not what happened',
  'share.prediction.open': 'not decided yet',
  'share.making': 'Making the link…',
  'share.failed': 'No link could be made.',
} as const
