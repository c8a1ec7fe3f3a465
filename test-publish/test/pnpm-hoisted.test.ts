import { testLayout } from './layout.js';

testLayout({ name: 'pnpm hoisted', manager: 'pnpm', settings: ['nodeLinker: hoisted'] });
