/** The picture of the cluster: everything that can be pointed at, and the packet on its way. */
export { ClusterGraph, type ClusterGraphProps } from './ClusterGraph.js'
