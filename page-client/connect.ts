/**
 * Owns the composition of the page client: checks what it is given, ties this tab to its broker, and
 * hands every piece of news to the room it belongs to. The page's whole knowledge of the line is
 * what the broker tells it (P9).
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import { pageError } from '../protocol/sentences.js'
import type { ConnectOptions, Line } from './api.js'
import type { AppTypes, Untyped } from './app-types.js'
import { createAttachment } from './attachment.js'
import { answersWith } from './auth.js'
import { createBackground } from './background.js'
import { readOptions } from './connect-options.js'
import { createConversation } from './conversation.js'
import { createDeliveries } from './deliveries.js'
import { createDepartures } from './departures.js'
import { type PageEnvironment, realEnvironment } from './environment.js'
import { guarded } from './guarded.js'
import { createHosts } from './hosts/hosts.js'
import { createLifeboat } from './lifeboat.js'
import { createLineStatus } from './line-status.js'
import { createNewsDesk } from './news-desk.js'
import { check, refuse } from './options.js'
import { createOutboxView } from './outbox.js'
import { watchPage } from './page-events.js'
import { createParkedView } from './parked.js'
import { createPausing } from './pausing.js'
import { createQuestions } from './questions.js'
import { createRescue } from './rescue.js'
import { createSending } from './sending.js'
import { createSignOut } from './sign-out.js'
import { createSignOutMark } from './sign-out-mark.js'
import { type AnySchemas, createValidators } from './validators.js'

/** Of all lines of this page. */
const departures = createDepartures()

/** The types are the app's word for it; nothing here depends on them. */
export const connect = <App extends AppTypes = Untyped>(options: ConnectOptions<App>): Line<App> =>
  open(options as unknown as ConnectOptions, realEnvironment(), departures) as unknown as Line<App>

/** `connect` with its surroundings given: for tests. */
export function open(
  options: ConnectOptions,
  environment: PageEnvironment,
  leaving = createDepartures(),
): Line {
  const { line, name, workerUrl } = readOptions(options, environment.baseUrl)
  const { worker, auth, onError } = options
  const { report: complain } = environment

  const hosts = createHosts({
    environment,
    line: name,
    workerUrl,
    worker,
    onMoved: () => attachment.attach(),
    isHeard: onError !== undefined,
    onWarning: report,
  })
  const status = createLineStatus(hosts.host, complain)
  /** Somebody else of this page is still leaving the address. */
  let isWaiting = false
  let isSignedOut = false
  /** Why nothing more may be asked of the line in this tab. */
  let over: ErrorInfo | undefined
  /** Why there is no broker and none is coming. */
  let failure: ErrorInfo | undefined

  function report(info: ErrorInfo, cause?: unknown): void {
    const error = new PartylineError(info, { cause })
    guarded(() => (onError ?? complain)(error), complain)
  }

  const attachment = createAttachment({
    environment,
    lineName: name,
    workerUrl,
    mayAttach() {
      if (signOut.isMissed) signedOut()
      return !isWaiting && (!over || signOut.isAsked)
    },
    isShared: () => hosts.host === 'shared-worker',
    openWorker: hosts.open,
    fallBack: hosts.giveUp,
    outdates: hosts.outdates,
    fate: () => mark.fate,
    hello: () => ({
      line,
      isVisible: !page.isHidden,
      ...(!signOut.isAsked && { mark: mark.before }),
      ...(typeof auth === 'function' && { hasAuth: true }),
      ...pausing.hello(),
      ...conversation.hello(),
    }),
    take: (parcel) => news.take(parcel),
    token: answersWith(auth, report),
    onAttached(remote) {
      failure = undefined
      conversation.interrupt()
      if (signOut.isAsked) return signOut.attached(remote)
      pausing.attached()
      rescue.run(remote)
      deliveries.handOver(remote)
      questions.attached(remote)
    },
    onAnswered: (remote) => (signOut.isMissed ? signedOut() : conversation.answered(remote)),
    onAlone: status.connecting,
    onFailed(error, cause) {
      // Another tab was first, while our hello was on its way.
      if (error.code === 'signed-out') return signOut.isAsked ? attachment.attach() : signedOut()
      failure = error
      signOut.failed(error)
      const isSuperseded = error.code === 'contract-mismatch'
      if (!over) status.stopped(isSuperseded ? 'superseded' : 'fatal', error)
      if (isSuperseded) {
        // What no broker has is for the page that it is reloaded into.
        deliveries.board()
        hosts.leave()
      }
      deliveries.failAll(error)
      questions.fail(error)
      conversation.fail(error)
      report(error, cause)
    },
  })
  const broker = () => attachment.broker
  const isAlone = () => hosts.host === 'page'
  const pausing = createPausing(broker)
  const mark = createSignOutMark(environment, name)
  const lifeboat = createLifeboat({
    environment,
    lineName: name,
    isGivenUp: () => mark.fate === 'discard',
    onError: report,
  })
  const deliveries = createDeliveries({
    now: environment.now,
    lifeboat,
    broker,
    isExposed: () => page.isHidden || !attachment.isAnswered,
  })
  const rescue = createRescue({
    environment,
    lineName: name,
    lifeboat,
    isAlone,
    // What lies there after a sign-out is of whoever came later.
    broker: () => (mark.fate ? undefined : broker()),
    isOwn: deliveries.has,
    onError: report,
  })
  const questions = createQuestions({
    after: environment.after,
    broker,
    isOver: () => (over ?? failure) !== undefined,
  })
  const outbox = createOutboxView({ deliveries, questions, onThrow: complain })
  const parked = createParkedView({ questions, onThrow: complain })
  const validators = createValidators((options.schemas ?? {}) as AnySchemas, environment)
  const border = { environment, validators, assertOpen, failure: () => failure }
  const send = createSending({ ...border, deliveries })
  const conversation = createConversation({
    ...border,
    attachment,
    publish: (channel, payload, given) => send('publish', payload, given, channel),
    onError: report,
    onThrow: complain,
  })
  const background = createBackground(async () => {
    if (options.background !== false) await environment.registerSync(name)
  })
  const signOut = createSignOut({
    environment,
    silent: pageError('worker-silent', { url: workerUrl }),
    ...{ broker, mark, isAlone },
    attach: attachment.attach,
    onMissed: () => over ?? signedOut(),
    onOver(fate) {
      if (fate === 'discard') lifeboat.empty()
      signedOut()
    },
  })

  const news = createNewsDesk({
    isOver: () => over !== undefined,
    signedOut,
    onProblem: report,
    ...{ deliveries, outbox, parked, status, background, pausing, conversation },
  })
  const page = watchPage({
    ...{ environment, attachment, hosts, conversation, deliveries, rescue, background },
    isOver: () => over !== undefined,
    hasFailed: () => failure !== undefined,
    onWritten(item) {
      rescue.heard(item)
      signOut.heard(item)
    },
  })

  function assertOpen(): void {
    if (over) throw new PartylineError(over)
  }

  function end(why: ErrorInfo): void {
    over = why
    conversation.end(why)
    rescue.close()
    deliveries.failAll(why)
    questions.fail(why)
  }

  function leave(isForGood = false): void {
    page.close()
    attachment.detach()
    hosts.leave(isForGood)
  }

  function signedOut(): void {
    // The answer to our own question is still to come.
    if (!signOut.isAsked) leave(true)
    if (over?.code === 'closed' || isSignedOut) return
    isSignedOut = true
    const why = pageError('signed-out', {})
    end(why)
    outbox.clear()
    parked.clear()
    status.stopped('auth', why)
  }

  function close(): void {
    if (over?.code === 'closed') return
    // What no broker has is for the next page.
    if (!over) deliveries.board()
    if (!signOut.isAsked) leave()
    end(pageError('closed', {}))
  }

  const othersLeave = leaving.from(line.url)
  isWaiting = othersLeave !== undefined
  othersLeave?.then(() => {
    isWaiting = false
    attachment.attach()
  })
  attachment.attach()

  return {
    status,
    outbox: outbox.face,
    parked: parked.face,
    channel: conversation.channel as Line['channel'],
    send: send as Line['send'],
    request: conversation.request as Line['request'],
    reconnect() {
      if (attachment.broker) attachment.broker.reconnect()
      else if (!over) attachment.attach()
    },
    pause: () => pausing.ask('pause'),
    resume: () => pausing.ask('resume'),
    async signOut(given) {
      check(given, { outbox: 'string' })
      const { outbox: fate } = given
      if (fate !== 'discard' && fate !== 'keep') refuse('outbox', '"discard" or "keep"')
      if (over?.code === 'closed') throw new PartylineError(over)
      if (fate === 'discard') lifeboat.empty()
      else if (!over) deliveries.board()
      mark.set(fate)
      over = pageError('signed-out', {})
      const promise = signOut.ask(fate)
      leaving.begin(line.url, promise)
      return promise
    },
    close,
    [Symbol.dispose]: close,
  }
}
