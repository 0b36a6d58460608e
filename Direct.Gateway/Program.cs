using Direct.Edge.Hosting;
using Direct.Gateway.Cluster;

var builder = WebApplication.CreateBuilder(args);
builder.AddDirectEdge(args, DirectCluster.Words);
builder.AddCluster();

return await builder.Build().RunDirectAsync();
