import { testLayout } from './layout.js';

testLayout({ name: 'pnpm', manager: 'pnpm', settings: ['hoist: false', 'publicHoistPattern: []'] });
