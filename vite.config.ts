import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: { target: 'es2023', sourcemap: false },
  server: { port: 4173 },
  // Asked for by the workers and the editor, which the development server looks into only after the page has loaded: found late, they
  // would have it load again.
  optimizeDeps: { include: ['fflate', 'monaco-yaml/yaml.worker.js', 'valibot', 'yaml'] },
  preview: { port: 4173, strictPort: false },
})
