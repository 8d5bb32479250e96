/** Small drawings that stand for a kind of thing where there is no room for a word. */
const PATHS = {
  kubelet: 'M8 2a3 3 0 0 1 3 3v1H5V5a3 3 0 0 1 3-3ZM3 6h10M4 14c0-3 1.5-5 4-5s4 2 4 5',
  'kube-proxy': 'M2 8h4l3-4h5M6 8l3 4h5M12 2l2 2-2 2M12 10l2 2-2 2',
  runtime: 'M2 5l6-3 6 3v6l-6 3-6-3ZM2 5l6 3 6-3M8 8v6',
  iptables: 'M2 3h12M2 6.5h9M2 10h12M2 13.5h6',
  bridge: 'M2 5h12v3H2ZM4 8v5M8 8v5M12 8v5',
  pod: 'M8 1.5l6 3.2v6.6l-6 3.2-6-3.2V4.7Z',
  service: 'M8 5v6M3 14v-3h10v3M6 2h4v3H6Z',
  workload: 'M2 5h9v9H2ZM5 5V2h9v9h-3',
  server: 'M2 3h12v4H2ZM2 9h12v4H2ZM4.5 5h1M4.5 11h1',
  balance: 'M2 8h4M6 8l6-5M6 8h7M6 8l6 5',
} as const

export type SignName = keyof typeof PATHS

export function Sign({ name }: { readonly name: SignName }) {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinejoin="round"
      strokeLinecap="round"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}

/** A light with a shape: a full disc is up, a triangle is trouble, a cross is off. */
export function Light({ state }: { readonly state: 'up' | 'trouble' | 'off' }) {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" data-lamp={state}>
      {state === 'up' && <circle cx="5" cy="5" r="4" fill="var(--good)" />}
      {state === 'trouble' && <path d="M5 0.5 9.7 9.3H0.3Z" fill="var(--warn)" />}
      {state === 'off' && <path d="M1.5 1.5l7 7m0-7l-7 7" stroke="var(--bad)" strokeWidth="2.2" />}
    </svg>
  )
}
