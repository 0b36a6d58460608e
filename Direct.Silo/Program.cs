using Direct.Silo.Hosting;
using Direct.Startup;
using Direct.Telemetry;
using Direct.Telemetry.Logging;
using Microsoft.Extensions.Hosting;

var host = await ProgramStart.BuildAsync("Direct.Silo", args, arguments =>
{
    var builder = Host.CreateApplicationBuilder(arguments);
    builder.AddSiloSettings(args);
    builder.AddDirectLogging();
    builder.AddDirectTelemetry("direct-silo");
    builder.AddManagementPort();
    builder.AddDirectSilo();
    return builder.Build();
});

return host is null ? 1 : await host.RunDirectSiloAsync();
