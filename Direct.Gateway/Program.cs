using Direct.Edge.Hosting;
using Direct.Gateway.Cluster;
using Direct.Gateway.Rights;
using Direct.Gateway.Sessions;
using Direct.Startup;
using Direct.Telemetry;
using Direct.Telemetry.Logging;

var app = await ProgramStart.BuildAsync("Direct", args, arguments =>
{
    var builder = WebApplication.CreateBuilder(arguments);
    builder.AddDirectEdge(args, DirectCluster.Aliases);
    builder.AddCluster();
    builder.AddMySqlSessions();
    builder.AddRightsSources();
    builder.AddDirectLogging();
    builder.AddDirectTelemetry("direct-gateway");
    builder.AddManagementRoute(MetricsPage.Path, static services => services.GetRequiredService<MetricsPage>().HandleAsync);
    return builder.Build();
});

return app is null ? 1 : await app.RunDirectAsync();
