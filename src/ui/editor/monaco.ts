// All that the page loads of Monaco: its editor, the one language, two workers. A chunk of its own, loaded after the graph.
import 'monaco-editor/esm/vs/editor/editor.all.js'
import 'monaco-editor/esm/vs/basic-languages/yaml/yaml.contribution.js'
import * as monaco from 'monaco-editor/esm/vs/editor/editor.api.js'
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker?worker'
import { configureMonacoYaml } from 'monaco-yaml'
import { heaviness } from './heavy.js'
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
    defineThemes()
    const yaml = configureMonacoYaml(monaco, {
      enableSchemaRequest: false,
      validate: true,
      hover: true,
      completion: true,
      schemas: [],
    })
    spareEmptyText()
    void loadSchema()
      .then((schema) =>
        yaml.update({ schemas: [{ uri: 'inmemory://podpath/kubernetes.json', fileMatch: ['**/manifests.yaml'], schema }] }),
      )
      .catch(() => undefined)
  }
  return monaco
}

/** Nothing is no mistake: an empty text is where one begins to write. */
function spareEmptyText(): void {
  monaco.editor.onDidChangeMarkers(() => {
    const model = monaco.editor.getModel(MODEL)
    const owner = 'yaml'
    if (model === null || model.getValueLength() > 1_000 || model.getValue().trim() !== '') return
    if (monaco.editor.getModelMarkers({ owner, resource: MODEL }).length > 0) monaco.editor.setModelMarkers(model, owner, [])
  })
}

/** Monaco's own themes with colours that can be read on a selection, too (4.5:1). */
function defineThemes(): void {
  const light = [
    { token: 'type', foreground: '0b5563' },
    { token: 'string', foreground: '1f4fa8' },
    { token: 'number', foreground: '7a3e00' },
    { token: 'comment', foreground: '4f5b66' },
  ]
  monaco.editor.defineTheme('podpath-light', {
    base: 'vs',
    inherit: true,
    rules: light,
    colors: {
      'editorLineNumber.foreground': '#4a5160',
      'editorLineNumber.dimmedForeground': '#4a5160',
      'editor.selectionBackground': '#cfe0fc',
    },
  })
  monaco.editor.defineTheme('podpath-dark', {
    base: 'vs-dark',
    inherit: true,
    rules: [{ token: 'comment', foreground: 'a4b0a0' }],
    colors: {
      'editor.background': '#1f2228',
      'editorLineNumber.foreground': '#a4abb8',
      'editorLineNumber.dimmedForeground': '#a4abb8',
    },
  })
}

/** The one model of the manifests; it keeps its undo stack while the editor is away. */
export function manifestModel(text: string): monaco.editor.ITextModel {
  return monaco.editor.getModel(MODEL) ?? monaco.editor.createModel(text, languageOf(text), MODEL)
}

/** Takes the model from the language service while its text would keep it busy, and gives it back afterwards. */
export function boundLanguage(model: monaco.editor.ITextModel): void {
  const language = languageOf(model.getValue())
  if (model.getLanguageId() !== language) monaco.editor.setModelLanguage(model, language)
}

function languageOf(text: string): 'yaml' | 'plaintext' {
  return heaviness(text) === undefined ? 'yaml' : 'plaintext'
}

export type Monaco = typeof monaco
export type { editor as MonacoEditor } from 'monaco-editor/esm/vs/editor/editor.api.js'
