/// <reference types="vite/types/importMeta.d.ts" />
import { startApp } from './page/app.js'

startApp()

// While the page is being worked on, files are as they are now.
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  await navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI))
