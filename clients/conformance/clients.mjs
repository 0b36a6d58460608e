// The clients, and how the driver of each is started.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const drivers = join(dirname(fileURLToPath(import.meta.url)), 'drivers');

/**
 * Returns the clients. Each implements the scenarios of its families; the rows of other families are not applicable to it.
 * @param configuration The configuration in which the .NET driver was built.
 */
export const clientsOf = configuration => ({
  js: { families: ['socket'], driver: ['node', join(drivers, 'js/driver.mjs')] },
  dotnet: { families: ['backend', 'socket'], driver: ['dotnet', join(drivers, 'dotnet/bin', configuration, 'net10.0/Direct.ConformanceDriver.dll')] },
  php: { families: ['backend'], driver: ['php', join(drivers, 'php/driver.php')] },
});
