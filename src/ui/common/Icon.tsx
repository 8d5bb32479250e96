const PATHS = {
  start: 'M4 3v10M13 3 7 8l6 5z',
  back: 'M11 3 5 8l6 5z',
  play: 'M5 3l8 5-8 5z',
  pause: 'M5 3v10M11 3v10',
  forward: 'M5 3l6 5-6 5z',
  end: 'M12 3v10M3 3l6 5-6 5z',
  undo: 'M6 3 3 6l3 3M3 6h6a4 4 0 0 1 0 8H6',
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  check: 'M3 8l4 4 6-8',
  cross: 'M4 4l8 8M12 4l-8 8',
  theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
} as const

const FILLED: ReadonlySet<string> = new Set(['start', 'back', 'play', 'forward', 'end'])

/** A line drawing; always beside or instead of a label that assistive technology reads. */
export function Icon({ name, size = 16 }: { readonly name: keyof typeof PATHS; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill={FILLED.has(name) ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth={name === 'pause' ? 2.6 : 1.6}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
