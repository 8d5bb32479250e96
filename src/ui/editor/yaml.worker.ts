// A file of our own, so that the bundler makes one worker of it.
import 'monaco-yaml/yaml.worker.js'
