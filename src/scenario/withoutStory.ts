import { isMap, parseAllDocuments } from 'yaml'
import { YAML_OPTIONS } from './yamlSchema.js'

/** What only tells the story; the rest of a `Scenario` decides the cluster. */
const STORY_FIELDS = ['title', 'summary', 'question', 'misconception', 'steps']

/**
 * A scenario's text without its story: the same cluster in a fraction of the length. A link to a built-in scenario holds this,
 * and takes the story from the library when it is opened.
 */
export function withoutStory(text: string): string {
  const documents = parseAllDocuments(text, YAML_OPTIONS)
  if (!Array.isArray(documents)) return text
  const hasStory = documents.some((document) => document.get('kind') === 'Scenario' && document.errors.length === 0)
  if (!hasStory) return text
  for (const document of documents) {
    const spec = document.get('kind') === 'Scenario' ? document.get('spec') : undefined
    if (isMap(spec)) for (const field of STORY_FIELDS) spec.delete(field)
  }
  return documents
    .map((document) => document.toString({ lineWidth: 0 }))
    .join('---\n')
    .replace(/^---\n---\n/gm, '---\n')
}
