import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    rollupOptions: {
      input: ['own.html', 'default.html', 'copied.html', 'service-worker.js'],
      output: {
        // Its address is its identity: no hash, and no folder.
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js',
      },
    },
  },
})
