// All that the page loads of Monaco: its editor, the one language, two workers. A chunk of its own, loaded after the graph.
import 'monaco-editor/esm/vs/editor/editor.all.js'
import 'monaco-editor/esm/vs/basic-languages/yaml/yaml.contribution.js'
import * as monaco from 'monaco-editor/esm/vs/editor/editor.api.js'
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker?worker'
import { configureMonacoYaml } from 'monaco-yaml'
import { loadSchema } from './schema.js'
import YamlWorker from './yaml.worker?worker'

self.MonacoEnvironment = {
  getWorker: (_moduleId, label) => (label === 'yaml' ? new YamlWorker() : new EditorWorker()),
}

const MODEL = monaco.Uri.parse('inmemory://podpath/manifests.yaml')

let configured = false

/** Monaco with YAML and the Kubernetes schema; the schema comes a little later and needs nobody to wait for it. */
export function setUpMonaco(): typeof monaco {
  if (!configured) {
    configured = true
    const yaml = configureMonacoYaml(monaco, {
      enableSchemaRequest: false,
      validate: true,
      hover: true,
      completion: true,
      schemas: [],
    })
    void loadSchema()
      .then((schema) =>
        yaml.update({ schemas: [{ uri: 'inmemory://podpath/kubernetes.json', fileMatch: ['**/manifests.yaml'], schema }] }),
      )
      .catch(() => undefined)
  }
  return monaco
}

/** The one model of the manifests; it keeps its undo stack while the editor is away. */
export function manifestModel(text: string): monaco.editor.ITextModel {
  return monaco.editor.getModel(MODEL) ?? monaco.editor.createModel(text, 'yaml', MODEL)
}

export type Monaco = typeof monaco
export type { editor as MonacoEditor } from 'monaco-editor/esm/vs/editor/editor.api.js'
