using Direct.Silo.Hosting;
using Direct.Telemetry;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.AddSiloSettings(args);
builder.AddQuietLogging();
builder.AddDirectTelemetry("direct-silo");
builder.AddManagementPort();
builder.AddDirectSilo();

return await builder.Build().RunDirectSiloAsync();
