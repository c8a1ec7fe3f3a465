import { driver } from '../memory/index.js';
import type { DriverModule } from '../spi/module.js';

/** The memory driver, which core brings itself: small, and so found in a bundle too. */
export const builtInDriver: DriverModule = driver;
