import type { SourceFile } from '../scenario/index.js'
import type { Cluster } from './cluster.js'
import { openCluster } from './cluster.js'
import type { Options } from './options.js'
import { textOf } from './options.js'

/** Where a verb gets its cluster from. */
export interface Clusters {
  /** Whether it stood before this request: then the request's files are not the cluster's. */
  readonly stands: boolean
  /** To look at; whoever gets it changes nothing. @param seed the scenario's own when empty. @throws VerbStop as openCluster. */
  look(files: readonly SourceFile[], options: Options, seed?: string): Cluster
  /** To act on. @throws VerbStop as openCluster. */
  act(files: readonly SourceFile[], options: Options): Cluster
}

/** A fresh cluster for every request. */
export const FRESH: Clusters = { stands: false, look: openCluster, act: openCluster }

/** One cluster for all requests of a session, made by the first one. */
export class SessionClusters implements Clusters {
  private cluster: Cluster | undefined

  get stands(): boolean {
    return this.cluster !== undefined
  }

  look(files: readonly SourceFile[], options: Options, seed?: string): Cluster {
    this.cluster ??= openCluster(files, options, seed)
    return this.cluster
  }

  act(files: readonly SourceFile[], options: Options): Cluster {
    return this.look(files, options)
  }
}

/** Clusters kept at most: one takes some megabytes. */
const MOST = 4

/** Keeps the clusters that were looked at last: whoever asks ten things about the same files need not wait for ten clusters. */
export class KeptClusters implements Clusters {
  readonly stands = false
  private readonly kept = new Map<string, Cluster>()

  look(files: readonly SourceFile[], options: Options, seed?: string): Cluster {
    const key = keyOf(files, options, seed)
    const cluster = this.kept.get(key) ?? openCluster(files, options, seed)
    this.kept.delete(key)
    this.kept.set(key, cluster)
    const [oldest] = this.kept.keys()
    if (this.kept.size > MOST && oldest !== undefined) this.kept.delete(oldest)
    return cluster
  }

  act(files: readonly SourceFile[], options: Options): Cluster {
    const key = keyOf(files, options)
    const cluster = this.kept.get(key)
    this.kept.delete(key)
    return cluster ?? openCluster(files, options)
  }
}

/** What of the options decides what a cluster is, as openCluster reads them. */
const DECIDING = ['controllers', 'proxy-mode', 'mode', 'until'] as const

function keyOf(files: readonly SourceFile[], options: Options, seed = textOf(options, 'seed')): string {
  const decisions = DECIDING.map((name) => textOf(options, name) ?? null)
  return JSON.stringify([files.map(({ name, text }) => [name, text]), decisions, seed ?? ''])
}
