import { defineConfig } from 'vite'

export default defineConfig({
  build: { rollupOptions: { input: ['own.html', 'default.html', 'copied.html'] } },
})
