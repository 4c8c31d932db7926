/**
 * Owns the life of the service worker as the page sees it: register, notice a new version, and take
 * it only when a person says so. Other tabs are asked as well and never reloaded by force.
 */
export function registerServiceWorker(
  url: string,
  onUpdate: (reload: () => void) => () => void,
): void {
  if (!('serviceWorker' in navigator)) return
  const container = navigator.serviceWorker
  const hadController = container.controller !== null
  let isAsked = false

  const ask = (waiting: ServiceWorker): void => {
    if (isAsked) return
    isAsked = true
    onUpdate(() => {
      container.addEventListener('controllerchange', () => location.reload(), { once: true })
      // Another tab may have been quicker: then it is active already, and a reload is all it takes.
      if (waiting.state === 'installed') waiting.postMessage({ type: 'take-over' })
      else location.reload()
    })
  }

  container
    .register(url)
    .then((registration) => {
      // The first installation is not an update.
      if (registration.waiting && hadController) ask(registration.waiting)
      registration.addEventListener('updatefound', () => {
        const installing = registration.installing
        installing?.addEventListener('statechange', () => {
          if (installing.state === 'installed' && hadController) ask(installing)
        })
      })
      document.addEventListener('visibilitychange', () => {
        // Offline this fails, and that is no news.
        if (!document.hidden) registration.update().catch(() => undefined)
      })
    })
    .catch((error: unknown) => console.error('No service worker:', error))
}
