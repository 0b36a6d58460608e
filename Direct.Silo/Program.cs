using Direct.Silo.Hosting;
using Direct.Telemetry;
using Direct.Telemetry.Logging;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.AddSiloSettings(args);
builder.AddQuietLogging();
builder.AddDirectLogging();
builder.AddDirectTelemetry("direct-silo");
builder.AddManagementPort();
builder.AddDirectSilo();

return await builder.Build().RunDirectSiloAsync();
