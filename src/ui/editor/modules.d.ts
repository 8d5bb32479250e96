declare module 'monaco-editor/esm/vs/editor/editor.all.js'
declare module 'monaco-editor/esm/vs/basic-languages/yaml/yaml.contribution.js'
declare module 'monaco-yaml/yaml.worker.js'
