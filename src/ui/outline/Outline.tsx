/** The tree of everything that the graph shows, also Pods that it draws as dots. */
export function Outline() {
  return <div role="tree" aria-label="Outline" tabIndex={0} />
}
