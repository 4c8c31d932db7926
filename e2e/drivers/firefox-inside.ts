/**
 * Owns what only Firefox itself can say of its tabs: asked in its own window, where its own code runs.
 * The functions below run there, or in the process of a page; none sees anything of this file.
 */
import type { Bidi } from './bidi.js'
import type { Run } from './driver.js'
import { answerOf, tellingCallOf } from './script-text.js'

export interface Inside {
  /** Its page is seen from now on, as if the tab had a window to itself. */
  show(tab: string): Promise<void>
  /** The process in which the page of this tab lives. */
  processOf(tab: string): Promise<number>
  /** The SharedWorkers of the browsers of one person, by Firefox's own ids for them. */
  workersOf(userContext: string): Promise<readonly string[]>
  /** Takes away what an origin has stored for that person. */
  clear(userContext: string, origin: string): Promise<void>
}

interface Tree {
  readonly contexts: readonly { readonly context: string }[]
}

export async function createInside(bidi: Bidi): Promise<Inside> {
  const { contexts } = await bidi.call<Tree>('browsingContext.getTree', { 'moz:scope': 'chrome' })
  const context = contexts[0]?.context
  if (context === undefined) throw new Error('Firefox has no window')

  async function ask<Result, Arg>(run: Run<Result, Arg>, arg: Arg): Promise<Result> {
    const { result } = await bidi.call<{ readonly result: { readonly value: string } }>(
      'script.evaluate',
      { expression: tellingCallOf(run, arg), target: { context }, awaitPromise: true },
    )
    return answerOf(result.value)
  }

  return {
    show: (tab) => ask(show, tab),
    processOf: (tab) => ask(processOf, tab),
    workersOf: (userContext) => ask(workersOf, userContext),
    clear: (userContext, origin) => ask(clear, [userContext, origin] as const),
  }
}

/** As much of Firefox as is used here. */
interface Process {
  readonly isInProcess: boolean
  addMessageListener(name: string, hear: (message: { readonly data: unknown }) => void): void
  loadProcessScript(address: string, isForLaterOnesToo: boolean): void
}

interface Tab {
  isActive: boolean
  readonly currentWindowGlobal: { readonly osPid: number }
}

interface Clearing {
  callback: () => void
}

declare const ChromeUtils: {
  importESModule(address: string): {
    readonly NavigableManager: {
      getBrowsingContextById(id: string): Tab
    }
    readonly UserContextManager: { getInternalIdById(id: string): number }
  }
}

declare const Services: {
  readonly io: { newURI(address: string): object }
  readonly ppmm: { readonly childCount: number; getChildAt(index: number): Process }
  readonly qms: {
    clearStoragesForPrincipal(principal: object, persistence: null, client: 'idb'): Clearing
  }
  readonly scriptSecurityManager: {
    createContentPrincipal(address: object, of: { readonly userContextId: number }): object
  }
}

const show: Run<void, string> = (tab) => {
  const { NavigableManager } = ChromeUtils.importESModule(
    'chrome://remote/content/shared/NavigableManager.sys.mjs',
  )
  NavigableManager.getBrowsingContextById(tab).isActive = true
}

const processOf: Run<number, string> = (tab) =>
  ChromeUtils.importESModule(
    'chrome://remote/content/shared/NavigableManager.sys.mjs',
  ).NavigableManager.getBrowsingContextById(tab).currentWindowGlobal.osPid

const workersOf: Run<readonly string[], string> = async (userContext) => {
  const id = ChromeUtils.importESModule(
    'chrome://remote/content/shared/UserContextManager.sys.mjs',
  ).UserContextManager.getInternalIdById(userContext)
  // Runs in every process: what is said of a worker is its person, its kind and its id.
  const script = `{
    const { nsIWorkerDebuggerManager: Manager, nsIWorkerDebugger: Worker } = Ci
    const manager = Cc['@mozilla.org/dom/workers/workerdebuggermanager;1'].getService(Manager)
    const workers = [...manager.getWorkerDebuggerEnumerator()]
    sendAsyncMessage('workers', workers
      .filter(({ type, isClosed }) => type === Worker.TYPE_SHARED && !isClosed)
      .map(({ id, principal }) => [principal.originAttributes.userContextId, id]))
  }`
  const processes = Array.from({ length: Services.ppmm.childCount }, (_, index) =>
    Services.ppmm.getChildAt(index),
  )
  const answers = processes
    .filter(({ isInProcess }) => !isInProcess)
    .map(
      (process) =>
        new Promise<readonly (readonly [number, string])[]>((resolve) => {
          process.addMessageListener('workers', ({ data }) =>
            resolve(data as readonly (readonly [number, string])[]),
          )
          process.loadProcessScript(`data:,${encodeURIComponent(script)}`, false)
          // It may end, or stand still, before it has answered.
          setTimeout(() => resolve([]), 2_000)
        }),
    )
  const workers = (await Promise.all(answers)).flat()
  return workers.filter(([of]) => of === id).map(([, worker]) => worker)
}

const clear: Run<void, readonly [userContext: string, origin: string]> = ([context, origin]) => {
  const userContextId = ChromeUtils.importESModule(
    'chrome://remote/content/shared/UserContextManager.sys.mjs',
  ).UserContextManager.getInternalIdById(context)
  const { io, qms, scriptSecurityManager } = Services
  const principal = scriptSecurityManager.createContentPrincipal(io.newURI(origin), {
    userContextId,
  })
  return new Promise((resolve) => {
    qms.clearStoragesForPrincipal(principal, null, 'idb').callback = resolve
  })
}
