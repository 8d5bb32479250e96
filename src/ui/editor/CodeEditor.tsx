import { useEffect, useRef } from 'react'
import { phrase, usePhrases, useTranslate } from '../../i18n/index.js'
import type { Diagnostic } from '../../protocol/index.js'
import { useView } from '../../state/view.js'
import { isDark } from '../shell/theme.js'
import { diagnosticPhrase } from './diagnosticPhrase.js'
import { editDraft, useDraft } from './draft.js'
import { indentAfter } from './indent.js'
import styles from './ManifestEditor.module.css'
import { boundLanguage, type Monaco, type MonacoEditor, manifestModel, setUpMonaco } from './monaco.js'
import { useCursor } from './reveal.js'
import { showRulesOfCursor } from './rulesOfLine.js'
import { useCheckState } from './useChecks.js'

const OWNER = 'podpath'

/** Monaco on the draft: schema completion and hover, the API server's words as marks, one-click fixes. */
export function CodeEditor() {
  const t = useTranslate()
  const { say } = usePhrases()
  const box = useRef<HTMLDivElement>(null)
  const theme = useView((view) => view.theme)
  const diagnostics = useCheckState((checks) => checks.diagnostics)
  const label = t('editor.text')
  const rulesLabel = t('rules.ofLine')
  const fixLabel = say(phrase('editor.fix'))

  useEffect(() => {
    if (box.current === null) return
    return mountEditor(setUpMonaco(), box.current, label, rulesLabel)
  }, [label, rulesLabel])

  useEffect(() => setUpMonaco().editor.setTheme(isDark(theme) ? 'podpath-dark' : 'podpath-light'), [theme])

  useEffect(() => {
    const monaco = setUpMonaco()
    const marks = diagnostics.map((problem) => markOf(monaco, problem, say(diagnosticPhrase(problem))))
    monaco.editor.setModelMarkers(manifestModel(useDraft.getState().text), OWNER, marks)
    return offerFixes(monaco, diagnostics, fixLabel)
  }, [diagnostics, say, fixLabel])

  return <div ref={box} className={styles['code']} lang="en" translate="no" />
}

/** Puts an editor into the box and keeps it and the draft the same. Returns what undoes it. */
function mountEditor(monaco: Monaco, box: HTMLElement, label: string, rulesLabel: string): () => void {
  const model = manifestModel(useDraft.getState().text)
  syncModel(model)
  const editor = monaco.editor.create(box, {
    model,
    ariaLabel: label,
    automaticLayout: true,
    minimap: { enabled: false },
    fontSize: 12,
    lineNumbersMinChars: 3,
    glyphMargin: false,
    folding: true,
    scrollBeyondLastLine: false,
    tabSize: 2,
    insertSpaces: true,
    fixedOverflowWidgets: true,
    quickSuggestions: { other: true, comments: false, strings: true },
    wordWrap: 'off',
    occurrencesHighlight: 'off',
    selectionHighlight: false,
    padding: { top: 6 },
    // What is pasted or dropped in stays as it was written; Enter has its own rule below.
    autoIndent: 'none',
    stickyScroll: { enabled: false },
    // At once, as text: what asks providers first comes later, and takes away a completion that was asked for meanwhile.
    pasteAs: { enabled: false },
  })
  editor.addCommand(
    monaco.KeyCode.Enter,
    () => breakLine(editor),
    'editorTextFocus && !suggestWidgetVisible && !findInputFocussed',
  )
  const typed = model.onDidChangeContent(() => {
    boundLanguage(model)
    editDraft(model.getValue())
  })
  const moved = editor.onDidChangeCursorPosition(({ position }) => useCursor.setState({ line: position.lineNumber }))
  editor.addAction({
    id: 'podpath.rules',
    label: rulesLabel,
    contextMenuGroupId: 'navigation',
    run: () => void showRulesOfCursor(),
  })
  const stop = useDraft.subscribe(() => syncModel(model))
  const stopRevealing = useCursor.subscribe((now, before) => {
    if (now.reveal !== before.reveal) showAsked(editor)
  })
  showAsked(editor)
  return () => {
    stop()
    stopRevealing()
    moved.dispose()
    typed.dispose()
    editor.dispose()
  }
}

/** Shows the line that was asked for, once. */
function showAsked(editor: MonacoEditor.IStandaloneCodeEditor): void {
  const { reveal } = useCursor.getState()
  if (reveal === undefined) return
  const { line } = reveal
  editor.setSelection({ startLineNumber: line, startColumn: 1, endLineNumber: line + 1, endColumn: 1 })
  editor.revealLineInCenter(line)
}

/** A new line begins under the one before; after a colon one level deeper. */
function breakLine(editor: MonacoEditor.IStandaloneCodeEditor): void {
  const model = editor.getModel()
  const selections = editor.getSelections()
  if (model === null || selections === null) return
  editor.pushUndoStop()
  editor.executeEdits(
    'enter',
    selections.map((range) => ({
      range,
      text: `\n${indentAfter(model.getLineContent(range.startLineNumber).slice(0, range.startColumn - 1))}`,
      forceMoveMarkers: true,
    })),
  )
  editor.revealPositionInCenterIfOutsideViewport(editor.getPosition() ?? { lineNumber: 1, column: 1 })
}

/** Brings a change from elsewhere (a fix, a template, another scenario) into the model, so that Ctrl+Z takes it back. */
function syncModel(model: MonacoEditor.ITextModel): void {
  const { text } = useDraft.getState()
  if (model.getValue() === text) return
  model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null)
}

function markOf(monaco: Monaco, problem: Diagnostic, message: string): MonacoEditor.IMarkerData {
  const severity = {
    error: monaco.MarkerSeverity.Error,
    warning: monaco.MarkerSeverity.Warning,
    info: monaco.MarkerSeverity.Info,
  }[problem.severity]
  return {
    severity,
    message,
    startLineNumber: problem.line,
    startColumn: problem.column,
    endLineNumber: problem.endLine,
    endColumn: Math.max(problem.endColumn, problem.column + 1),
  }
}

/** Offers each diagnostic's fix where its mark is. Returns what stops it. */
function offerFixes(monaco: Monaco, diagnostics: readonly Diagnostic[], label: string): () => void {
  const provider = monaco.languages.registerCodeActionProvider('yaml', {
    provideCodeActions: (model, range) => ({
      actions: diagnostics
        .filter((problem) => problem.line <= range.endLineNumber && problem.endLine >= range.startLineNumber)
        .flatMap((problem) =>
          problem.fix === undefined
            ? []
            : [
                {
                  title: label,
                  kind: 'quickfix',
                  isPreferred: true,
                  edit: {
                    edits: [
                      {
                        resource: model.uri,
                        versionId: model.getVersionId(),
                        textEdit: { range: model.getFullModelRange(), text: problem.fix.text },
                      },
                    ],
                  },
                },
              ],
        ),
      dispose: () => undefined,
    }),
  })
  return () => provider.dispose()
}
