using Direct.Edge.Hosting;
using Direct.Gateway.Cluster;
using Direct.Gateway.Sessions;
using Direct.Telemetry;
using Direct.Telemetry.Logging;

var builder = WebApplication.CreateBuilder(args);
builder.AddDirectEdge(args, DirectCluster.Words);
builder.AddCluster();
builder.AddMySqlSessions();
builder.AddDirectLogging();
builder.AddDirectTelemetry("direct-gateway");
builder.AddManagementRoute(MetricsPage.Path, static services => services.GetRequiredService<MetricsPage>().HandleAsync);

return await builder.Build().RunDirectAsync();
