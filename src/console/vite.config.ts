import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const hub = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    // The hub serves the console as its static files: one program to install.
    outDir: '../CareHub.Server/wwwroot',
    emptyOutDir: true,
    // An inlined asset would be a data: URL, which the hub's content policy refuses for scripts and fonts.
    assetsInlineLimit: 0,
    target: 'es2023',
  },
  server: {
    proxy: {
      '/api': hub,
      '/healthz': hub,
      '/hubs': { target: hub, ws: true },
    },
  },
});
