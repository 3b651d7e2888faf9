// Monaco does its parsing in web workers and asks the page for them by label.
// Built as files of our own they load from the same origin, with no network.
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker.js?worker'
import JSONWorker from 'monaco-editor/esm/vs/language/json/json.worker.js?worker'
import GraphQLWorker from 'monaco-graphql/esm/graphql.worker.js?worker'

const workers = { json: JSONWorker, graphql: GraphQLWorker }

globalThis.MonacoEnvironment = {
  getWorker: (_moduleId, label) => new (workers[label] ?? EditorWorker)(),
}
