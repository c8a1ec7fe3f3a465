import { testLayout } from './layout.js';

testLayout({ name: 'npm', manager: 'npm' });
