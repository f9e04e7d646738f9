// Runs TypeScript sources directly in development: node --import ./scripts/swc-register.js src/main.ts
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./swc-hooks.js', import.meta.url);
