import type { ReactNode } from 'react'

export interface ClusterGraphProps {
  /** The emphasised control that stands on the first client. */
  readonly sendButton?: ReactNode
}

/** The cluster as a picture, with the packet on its way. Reads the mirror and the view; writes only the view. */
export function ClusterGraph({ sendButton }: ClusterGraphProps) {
  return <section aria-label="Cluster graph">{sendButton}</section>
}
