using Direct.Edge.Hosting;
using Direct.Telemetry;

var builder = WebApplication.CreateBuilder(args);
builder.AddDirectEdge(args);
builder.AddInProcessBackplane();
builder.AddDirectTelemetry("direct-gateway");
builder.AddManagementRoute(MetricsPage.Path, static services => services.GetRequiredService<MetricsPage>().HandleAsync);

return await builder.Build().RunDirectAsync();
